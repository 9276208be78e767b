#!/bin/bash
# Gets what a suite needs from PyPI: scripts/from_pypi.sh SUITE WORD installs what
# tests/SUITE/requirements.txt names in ${XDG_CACHE_HOME:-~/.cache}/dagtrail/SUITE,
# made anew when the list has changed.
#
# The last line begins with WORD and says what came of it. Exit code 0: all is
# there; 3: something could not be had, and the last line names it.
set -u -o pipefail
cd "$(dirname "$0")/../tests/$1" || exit 1
folder=${XDG_CACHE_HOME:-$HOME/.cache}/dagtrail/$1
word=$2

say() { echo "$word: $*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

mkdir -p "${folder%/*}"
exec 9>"$folder.lock"
flock 9
if ! cmp -s requirements.txt "$folder/made-from"; then
  if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
    say "installing python3-venv"
    as_root apt-get update -qq &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  rm -rf "$folder"
  if ! { python3 -m venv "$folder" &&
    "$folder/bin/python" -m pip install --disable-pip-version-check -q -r requirements.txt; }; then
    say "could not be had: requirements.txt"
    exit 3
  fi
  cp requirements.txt "$folder/made-from"
fi
say "all there"
