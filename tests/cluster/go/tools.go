//go:build tools

// Package controlplane pins what install.sh builds: the commands of
// k8s.io/kubernetes, whose staging modules go.mod replaces by their published
// versions, and the emitter beside this file.
package controlplane

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
