//! What of a cluster is watched. Pure.

use super::watched::Watched;

/// A workflow engine that dagtrail knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Argo Workflows.
    Argo,
    /// Tekton's PipelineRuns, TaskRuns and CustomRuns.
    Tekton,
    /// KubeGene's Executions.
    Kubegene,
    /// Volcano's Jobs and JobFlows.
    Volcano,
    /// Kueue's Workloads.
    Kueue,
}

/// What of a cluster is watched; by default all of it. Our own Executions, Jobs, Pods and Events always are.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The one namespace that is watched; without it all are.
    pub namespace: Option<String>,
    /// The engines whose objects are watched; without it those of all.
    pub engines: Option<Vec<Engine>>,
}

impl Scope {
    /// The kinds that are watched, in the order in which they are listed at the start.
    pub(super) fn kinds(&self) -> Vec<Watched> {
        let mut kinds = Watched::ALL.to_vec();
        if let Some(engines) = &self.engines {
            kinds.retain(|kind| kind.engine().is_none_or(|engine| engines.contains(&engine)));
        }
        kinds
    }

    /// Where the API server has a kind, in what is watched; the version that is preferred first.
    pub(super) fn paths(&self, watched: Watched) -> Vec<String> {
        let paths = watched.paths().iter();
        paths.map(|path| self.path(path)).collect()
    }

    fn path(&self, everywhere: &str) -> String {
        match (&self.namespace, everywhere.rsplit_once('/')) {
            (Some(namespace), Some((group, plural))) => {
                format!("{group}/namespaces/{namespace}/{plural}")
            }
            _ => everywhere.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_namespace_is_a_part_of_every_path() {
        let scope = Scope {
            namespace: Some("team-a".into()),
            engines: None,
        };
        assert_eq!(
            scope.paths(Watched::Pods),
            ["/api/v1/namespaces/team-a/pods"]
        );
        assert_eq!(
            scope.paths(Watched::Workloads),
            [
                "/apis/kueue.x-k8s.io/v1beta2/namespaces/team-a/workloads",
                "/apis/kueue.x-k8s.io/v1beta1/namespaces/team-a/workloads"
            ]
        );
        assert_eq!(Scope::default().paths(Watched::Pods), ["/api/v1/pods"]);
    }

    #[test]
    fn without_engines_the_kinds_of_kubernetes_and_our_own_remain() {
        let with = |engines| Scope {
            namespace: None,
            engines,
        };
        assert_eq!(with(None).kinds(), Watched::ALL);
        let own = [
            Watched::Executions,
            Watched::Jobs,
            Watched::Pods,
            Watched::Events,
        ];
        assert_eq!(with(Some(vec![])).kinds(), own);
        let one = with(Some(vec![Engine::Volcano])).kinds();
        assert_eq!(one[1..3], [Watched::JobFlows, Watched::VolcanoJobs]);
        assert_eq!(one.len(), own.len() + 2);
    }
}
