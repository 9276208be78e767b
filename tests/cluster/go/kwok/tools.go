//go:build tools

// Package kwok pins the fake kubelet that install.sh builds. It is a module
// of its own because kwok asks for newer Kubernetes libraries than the
// control plane that it is tested with.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
