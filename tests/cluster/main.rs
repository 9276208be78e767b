//! Tests against a real control plane; `tests/cluster/install.sh` gets its binaries. Does I/O.

mod binaries;
mod control_plane;
mod credentials;
mod emitter;
mod etcd;
mod history;
mod installation;
mod process;
mod seen;
mod workloads;

mod control_plane_itself;
mod execution_status;
mod leadership;
