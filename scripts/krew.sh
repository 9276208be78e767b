#!/bin/bash
# Writes the manifest by which krew installs the kubectl plugin of a release:
#
#   scripts/krew.sh v1.2.3 dist [base URL] > execution-events.yaml
#
# The folder has dagtrail-<target>.tar.gz for every target, each with the binary
# `dagtrail` and LICENSE; one that is missing is an error.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
exec cargo run --quiet --release -- krew-manifest --tag "$1" --archives "$2" ${3:+--base-url "$3"}
