//go:build tools

// Package helm pins the Helm that install.sh builds: it renders the chart. It is
// a module of its own because it asks for newer Kubernetes libraries than the
// control plane that the chart is applied to.
package helm

import _ "helm.sh/helm/v4/cmd/helm"
