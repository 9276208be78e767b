//! Golden histories of KubeGene Executions.
