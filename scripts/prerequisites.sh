#!/bin/bash
# Sees to what `make test` needs beside the control plane: Debian packages are
# installed where they are missing, the Rust toolchain is only asked for.
set -u

say() { echo "prerequisites: $*"; }

# command:package
needed="cc:build-essential pkg-config:pkg-config openssl:openssl setsid:util-linux flock:util-linux"

packages=
for pair in $needed; do
  command -v "${pair%%:*}" >/dev/null || packages+=" ${pair#*:}"
done
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=" ca-certificates"

if [ -n "$packages" ]; then
  sudo=
  if [ "$(id -u)" -ne 0 ]; then sudo="sudo -n"; fi
  say "installing$packages"
  # shellcheck disable=SC2086 # both are lists of words
  $sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends $packages ||
    { say "please install these Debian packages and run again:$packages"; exit 1; }
fi

wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
  say "cargo is in $HOME/.cargo/bin, which is not in PATH: run . \"\$HOME/.cargo/env\" first"
  exit 1
fi
if ! command -v cargo >/dev/null; then
  say "there is no Rust: install rustup (https://rustup.rs), which then fetches Rust $wanted itself"
  exit 1
fi
# With rustup this fetches the toolchain that rust-toolchain.toml names.
if ! found=$(cargo --version); then
  say "cargo does not run; with rustup, 'rustup toolchain install $wanted' shows why"
  exit 1
fi
found=$(echo "$found" | cut -d' ' -f2)
if [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n1)" != "$wanted" ]; then
  say "Rust $wanted or newer is needed, this is $found; rustup would fetch it"
  exit 1
fi
for tool in fmt clippy; do
  cargo "$tool" --version >/dev/null 2>&1 ||
    { say "cargo $tool is missing: rustup component add rustfmt clippy"; exit 1; }
done
