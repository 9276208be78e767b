//go:build tools

// Package etcd pins the etcd that install.sh builds where no Debian package
// can be had.
package etcd

import _ "go.etcd.io/etcd/server/v3"
