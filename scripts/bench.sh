#!/bin/bash
# Everything that is claimed about speed and size: gets what dagtrail is compared
# with, builds with optimisation, measures, writes docs/benchmarks.md and its charts.
# What cannot be had on this machine is "not measured" there, with the reason.
set -u
cd "$(dirname "$0")/.." || exit 1
begin=$SECONDS

scripts/prerequisites.sh || exit 1
tests/cluster/install.sh || echo "bench: without a control plane: what is compared with it is not measured"
tests/dialects/install.sh || echo "bench: without all clients: what needs them is not measured"
benches/nginx.sh || echo "bench: without nginx: what is compared with it is not measured"
echo "bench: building"
cargo bench --no-run || exit 1
echo "bench: peers and programs are there after $((SECONDS - begin)) s; measuring"
exec cargo bench "$@"
