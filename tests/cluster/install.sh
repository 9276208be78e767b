#!/bin/bash
# Gets the binaries of the control plane for tests, see control_plane.rs.
#
# They are looked for in KUBEBUILDER_ASSETS, then in the cache folder
# ${XDG_CACHE_HOME:-~/.cache}/dagtrail/controlplane/<version>. What is missing is
# put there: etcd from Debian's etcd-server, the rest by setup-envtest where its
# download is open, otherwise built with Go from the published modules that
# go/go.mod and those in the folders beside it pin; Helm, which renders the chart, too.
#
# The last line says what came of it. Exit code 0: all is there; 3: something
# could not be had, and the last line names it. Runs again where it stopped.
set -u -o pipefail
cd "$(dirname "$0")" || exit 1
. ./versions.env

caches=${XDG_CACHE_HOME:-$HOME/.cache}/dagtrail
cache=$caches/controlplane/$KUBERNETES_VERSION
needed="etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok emitter helm"
export GOFLAGS=-buildvcs=false GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0 GO111MODULE=on

say() { echo "control plane: $*"; }

# What is not named by the version of the cache folder: it is built anew when this changes.
stamp() {
  case $1 in
    emitter) cat go/go.mod go/go.sum go/emitter/*.go ;;
    helm) cat go/helm/go.mod go/helm/go.sum ;;
  esac | sha256sum | cut -d' ' -f1
}

present() {
  if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$1" ]; then return 0; fi
  [ -x "$cache/$1" ] || return 1
  case $1 in
    emitter | helm) [ "$(cat "$cache/$1.stamp" 2>/dev/null)" = "$(stamp "$1")" ] ;;
  esac
}

missing() { local name; for name in $needed; do present "$name" || echo "$name"; done; }

# Puts a file into the cache, all of it or nothing.
keep() { chmod 755 "$1" && mv -f "$1" "$cache/$2"; }

# Runs a command that may be silent for long, with a line every 20 s.
patiently() {
  local what=$1 begin=$SECONDS next=20 job status
  shift
  say "$what ..."
  "$@" & job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 1
    if [ $((SECONDS - begin)) -ge "$next" ]; then
      say "$what ... $((SECONDS - begin)) s"
      next=$((next + 20))
    fi
  done
  wait "$job"; status=$?
  if [ "$status" -eq 0 ]; then say "$what: done in $((SECONDS - begin)) s"
  else say "$what: failed after $((SECONDS - begin)) s"; fi
  return "$status"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
  else say "not root, and sudo asks for a password: cannot run $*"; return 1; fi
}

update_apt_once() {
  [ -z "${apt_updated:-}" ] || return 0
  apt_updated=yes
  patiently "apt-get update" as_root timeout 180 apt-get update -qq
}

# ---- etcd: the package is unpacked, not installed, so that no service starts.

download_etcd() {
  # As root, apt would warn that its own user cannot write here.
  (cd "$work/etcd" && timeout 180 apt-get -o APT::Sandbox::User=root download -qq etcd-server)
}

etcd_from_debian() {
  command -v apt-get >/dev/null || return 1
  mkdir -p "$work/etcd" || return 1
  download_etcd || { update_apt_once && download_etcd; } || return 1
  dpkg -x "$work"/etcd/etcd-server_*.deb "$work/etcd" && keep "$work/etcd/usr/bin/etcd" etcd
}

# ---- Go: one that is new enough, or a newer toolchain fetched by an older one.

new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  version=${version#go}
  version=${version%% *}
  [ "$(printf '%s\n%s\n' "$GO_MINIMUM" "$version" | sort -V | head -n1)" = "$GO_MINIMUM" ]
}

each_go() {
  command -v go
  ls -d /usr/local/go/bin/go /usr/lib/go-*/bin/go 2>/dev/null
  return 0
}

toolchain_by() {
  local module="golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$(dpkg --print-architecture)" dir
  mkdir -p "$work/toolchain"
  dir=$(cd "$work/toolchain" && timeout 600 "$1" mod download -json "$module" |
    sed -n 's/^.*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  [ -n "$dir" ] && [ -f "$dir/bin/go" ] || return 1
  # Module files carry no execute bits.
  chmod a+x "$dir"/bin/* "$dir"/pkg/tool/*/* || return 1
  echo "$dir/bin/go" >"$work/go"
}

go_from_debian() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends golang-go ca-certificates >/dev/null
}

find_go() {
  local found
  for found in $(each_go); do
    if new_enough "$found"; then go=$found; return 0; fi
  done
  found=$(each_go | head -n1)
  if [ -z "$found" ]; then
    update_apt_once
    patiently "install Debian's golang-go" go_from_debian
    found=$(each_go | head -n1)
  fi
  [ -n "$found" ] || { say "there is no Go, and none could be installed"; return 1; }
  patiently "fetch the toolchain go$GO_VERSION" toolchain_by "$found" || return 1
  go=$(cat "$work/go")
  new_enough "$go"
}

# ---- setup-envtest: the usual download of etcd, kube-apiserver and kubectl.

get_setup_envtest() {
  GOBIN=$work timeout 180 "$go" install \
    "sigs.k8s.io/controller-runtime/tools/setup-envtest@$SETUP_ENVTEST_VERSION"
}

envtest_folder() {
  local line=${KUBERNETES_VERSION#v}
  timeout 300 "$work/setup-envtest" use "${line%.*}.x" --bin-dir "$work/envtest" -p path \
    >"$work/envtest.path"
}

by_setup_envtest() {
  local name
  patiently "build setup-envtest" get_setup_envtest || return 1
  timeout 15 "$work/setup-envtest" list >/dev/null 2>&1 ||
    { say "the download of setup-envtest is closed"; return 1; }
  patiently "download by setup-envtest" envtest_folder || return 1
  for name in etcd kube-apiserver kubectl; do
    present "$name" || keep "$(cat "$work/envtest.path")/$name" "$name"
  done
}

# ---- the build from published modules.

ldflags() {
  local minor=${KUBERNETES_VERSION#v1.} package flags="-s -w"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$KUBERNETES_VERSION -X $package.gitMajor=1"
    flags+=" -X $package.gitMinor=${minor%%.*} -X $package.gitTreeState=clean"
  done
  echo "$flags"
}

build() {
  local name=$1 module=$2 package=$3
  (cd "$module" && patiently "build $name" \
    "$go" build -mod=readonly -trimpath -ldflags "$(ldflags)" -o "$work/$name" "$package") &&
    keep "$work/$name" "$name"
}

keep_stamp() { stamp "$1" >"$work/stamp" && mv -f "$work/stamp" "$cache/$1.stamp"; }

build_one() {
  case $1 in
    etcd) build etcd go/etcd go.etcd.io/etcd/server/v3 ;;
    kwok) build kwok go/kwok sigs.k8s.io/kwok/cmd/kwok ;;
    emitter) build emitter go ./emitter && keep_stamp emitter ;;
    helm) build helm go/helm helm.sh/helm/v4/cmd/helm && keep_stamp helm ;;
    *) build "$1" go "k8s.io/kubernetes/cmd/$1" ;;
  esac
}

install_missing() {
  if ! present etcd; then
    patiently "unpack etcd from Debian's etcd-server" etcd_from_debian
  fi
  [ -n "$(missing)" ] || return 0
  find_go || return 1
  say "Go is $("$go" env GOVERSION) at $go"
  if ! present kube-apiserver || ! present etcd; then by_setup_envtest; fi
  local name
  for name in $(missing); do build_one "$name"; done
}

if [ -n "$(missing)" ]; then
  mkdir -p "$cache" || exit 1
  exec 9>"$cache/.lock"
  if ! flock -n 9; then
    say "another run is at work in $cache; waiting for it"
    while ! flock -w 20 9; do say "still waiting"; done
  fi
  work=$(mktemp -d "$cache/.work.XXXXXX") || exit 1
  trap 'kill $(jobs -p) 2>/dev/null; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  say "missing: $(missing | paste -sd' ')"
  install_missing 9>&-
fi

left=$(missing | paste -sd' ')
if [ -n "$left" ]; then
  say "could not be had on this machine: $left"
  exit 3
fi
say "complete (${KUBEBUILDER_ASSETS:+$KUBEBUILDER_ASSETS, }$cache)"
