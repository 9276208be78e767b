#!/bin/bash
# Gets nginx, to which the history bench is compared: Debian's package, unpacked, not installed,
# so that no service starts. It is kept in ${XDG_CACHE_HOME:-~/.cache}/dagtrail/nginx.
#
# The last line is the path of the binary. Exit code 3: it could not be had, and the last line
# says so.
set -u -o pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dagtrail/nginx

runs() { "$1" -v >/dev/null 2>&1; }

found() {
  echo "$1"
  exit 0
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

for known in "$(command -v nginx)" "$cache/nginx"; do
  [ -n "$known" ] && runs "$known" && found "$known"
done
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As root, apt would warn that its own user cannot write here.
download() { (cd "$work" && timeout 180 apt-get -o APT::Sandbox::User=root download -qq nginx) >&2; }

command -v apt-get >/dev/null &&
  { download || { as_root timeout 180 apt-get update -qq >&2 && download; }; } &&
  dpkg -x "$work"/nginx_*.deb "$work/unpacked" &&
  mv -f "$work/unpacked/usr/sbin/nginx" "$cache/nginx"
runs "$cache/nginx" && found "$cache/nginx"
echo "nginx could not be had: neither on PATH nor as a Debian package whose libraries are here"
exit 3
