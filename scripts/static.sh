#!/bin/bash
# Builds dagtrail so that it needs nothing around it, no shared library either:
#
#   scripts/static.sh            target/static/debug/dagtrail, of what `cargo test` compiles anyway
#   scripts/static.sh --release  target/static/release/dagtrail, for the image
#
# The standard library and all crates serve both kinds: only the program itself is
# linked in another way, with static/getrandom.c.
set -eu -o pipefail
cd "$(dirname "$0")/.."
out=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Puts the file $1 into the folder $2, all of it or nothing.
keep() {
  mkdir -p "$2"
  cp "$1" "$2/dagtrail.new"
  mv -f "$2/dagtrail.new" "$2/dagtrail"
  echo "static: $2/dagtrail"
}

release() {
  cargo rustc --locked --quiet --release --bin dagtrail -- "${link[@]}"
  keep "$out/release/dagtrail" "$out/static/release"
  # Nobody may take the static one for the ordinary one.
  rm -f "$out/release/dagtrail"
}

# The library $1 among what cargo says it has built.
library() {
  python3 -c '
import json, sys
for line in sys.stdin:
    said = json.loads(line) if line.startswith("{") else {}
    if said.get("reason") != "compiler-artifact" or said["profile"]["test"]:
        continue
    if said["target"]["name"] == sys.argv[1] and "lib" in said["target"]["kind"]:
        found = [name for name in said["filenames"] if name.endswith(".rlib")][0]
print(found)' "$1"
}

# A plain `cargo rustc` would compile many crates anew: tests ask more features of them than the program alone.
debug() {
  local said
  said=$(cargo test --locked --quiet --no-run --test install --message-format=json)
  rustc --crate-name dagtrail --edition=2024 --crate-type bin src/main.rs -o "$work/dagtrail" \
    -L "dependency=$out/debug/deps" "${link[@]}" \
    --extern "dagtrail=$(library dagtrail <<<"$said")" --extern "tikv_jemallocator=$(library tikv_jemallocator <<<"$said")"
  keep "$work/dagtrail" "$out/static/debug"
}

"${CC:-cc}" -O2 -Wall -Werror -c scripts/static/getrandom.c -o "$work/getrandom.o"
link=(-C target-feature=+crt-static -C "link-arg=$work/getrandom.o")
case "${1:-}" in
  --release) release ;;
  "") debug ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
