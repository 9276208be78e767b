//! Tests against a real control plane; `tests/cluster/install.sh` gets its binaries. Does I/O.

mod binaries;
mod control_plane;
mod credentials;
mod emitter;
mod etcd;
mod process;
mod workloads;

mod control_plane_itself;
