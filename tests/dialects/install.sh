#!/bin/bash
# Gets the real clients that the dialects are tested with, each in the version
# that its folder names:
#
#   <dialect>/requirements*.txt   one virtual environment each, from PyPI
#   <dialect>/package.json        node_modules, from the npm registry
#
# They are put into ${XDG_CACHE_HOME:-~/.cache}/dagtrail/clients/<dialect>/<file
# without its ending>, with the list that they were made from beside them, and
# made anew when it has changed. The last line says what came of it. Exit code 0:
# all is there; 3: something could not be had, and the last line names it.
set -u -o pipefail
cd "$(dirname "$0")" || exit 1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dagtrail/clients
failed=

say() { echo "clients: $*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The Debian package $2, if the command after it does not succeed.
needs() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 && return
  say "installing $package"
  as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

# Makes the folder $2 from the list $1 with the function $3, unless it is there.
make_folder() {
  local list=$1 folder=$2 how=$3 begin=$SECONDS
  if cmp -s "$list" "$folder/made-from"; then return; fi
  say "$folder ..."
  rm -rf "$folder"
  mkdir -p "$folder"
  if "$how" "$list" "$folder" >"$folder/log" 2>&1; then
    cp "$list" "$folder/made-from"
    say "$folder: done in $((SECONDS - begin)) s"
  else
    tail -n 5 "$folder/log"
    failed+=" $list"
  fi
}

with_pip() {
  python3 -m venv "$2" && "$2/bin/python" -m pip install --disable-pip-version-check -q -r "$1"
}

with_npm() {
  cp "$1" "$2/package.json" && (cd "$2" && npm install --no-audit --no-fund --ignore-scripts)
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
for list in */requirements*.txt; do
  [ -e "$list" ] || continue
  needs python3-venv python3 -c 'import ensurepip, venv'
  name=${list##*/}
  make_folder "$list" "$cache/${list%%/*}/${name%.txt}" with_pip
done
for list in */package.json; do
  [ -e "$list" ] || continue
  needs npm npm --version
  make_folder "$list" "$cache/${list%%/*}/package" with_npm
done
if [ -n "$failed" ]; then
  say "could not be had:$failed"
  exit 3
fi
say "all there"
