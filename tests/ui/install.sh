#!/bin/bash
# Gets what the tests of the page need: Debian's Chromium with fonts for Chinese,
# Node.js, and from the npm registry what package.json names (playwright-core, that
# drives the browser, and axe-core, that looks for what not everybody can use).
#
# The modules are put into ${XDG_CACHE_HOME:-~/.cache}/dagtrail/ui, with the list
# that they were made from beside them, and made anew when it has changed. The last
# line says what came of it. Exit code 0: all is there; 3: something could not be
# had, and the last line names it.
set -u -o pipefail
cd "$(dirname "$0")" || exit 1
folder=${XDG_CACHE_HOME:-$HOME/.cache}/dagtrail/ui

say() { echo "browser: $*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

lacking() {
  say "could not be had: $*"
  exit 3
}

# The Debian package $1, if the command after it does not succeed.
needs() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 && return
  say "installing $package"
  as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

has_chinese_fonts() {
  [ -n "$(fc-list :lang=zh-cn family)" ]
}

mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
needs chromium test -x /usr/bin/chromium || lacking chromium
needs fontconfig fc-list --version || lacking fontconfig
needs fonts-noto-cjk has_chinese_fonts || lacking fonts-noto-cjk
needs nodejs node --version || lacking nodejs
needs npm npm --version || lacking npm
if ! cmp -s package.json "$folder/made-from"; then
  rm -rf "$folder/node_modules" "$folder/made-from" "$folder/package-lock.json"
  cp package.json "$folder/package.json"
  if ! (cd "$folder" && npm install --no-audit --no-fund --ignore-scripts) >"$folder/log" 2>&1; then
    tail -n 5 "$folder/log"
    lacking "the modules of tests/ui/package.json"
  fi
  cp package.json "$folder/made-from"
fi
say "all there"
