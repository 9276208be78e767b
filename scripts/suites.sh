#!/bin/bash
# Runs every suite of tests by itself, and says how long each took beside the
# size that it states in tests/sizes: seconds on two cores, when all is compiled.
# A suite that states no size fails, and so does a sum of more than 15 minutes.
set -u
cd "$(dirname "$0")/.." || exit 1

MOST=900
sizes=tests/sizes

# Every one that cargo would run: the library, the examples in its documentation, each target of tests/.
suites="lib doc"
for target in tests/*/main.rs tests/*.rs; do
  name=${target#tests/}
  name=${name%/main.rs}
  suites+=" ${name%.rs}"
done

stated() { awk -v suite="$1" '$1 == suite { print $2 }' "$sizes"; }
# Tests at a time, where a suite waits more than it works.
threads() { awk -v suite="$1" '$1 == suite { print $3 }' "$sizes"; }

sum=0
for suite in $suites; do
  size=$(stated "$suite")
  if [ -z "$size" ]; then
    echo "== the suite $suite states no size: write one into $sizes"
    exit 1
  fi
  sum=$((sum + size))
done
if [ "$sum" -gt "$MOST" ]; then
  echo "== the suites state $sum s, and $MOST s is the most"
  exit 1
fi

echo "== compiling the tests"
cargo test --no-run || exit 1

failed=
took_all=0
table=
for suite in $suites; do
  case $suite in
    lib | doc) target="--$suite" ;;
    *) target="--test $suite" ;;
  esac
  at_once=$(threads "$suite")
  echo "== tests: $suite"
  since=$SECONDS
  # shellcheck disable=SC2086 # it is two words, or none
  cargo test $target -- ${at_once:+--test-threads=$at_once} || failed+=" $suite"
  took=$((SECONDS - since))
  took_all=$((took_all + took))
  table+=$(printf '%-14s %6s s of %4s s' "$suite" "$took" "$(stated "$suite")")$'\n'
done

echo "== seconds that each suite took, of those that it states"
printf '%s' "$table"
printf '%-14s %6s s of %4s s, and %s s are the most\n' "all suites" "$took_all" "$sum" "$MOST"
if [ -n "$failed" ]; then
  echo "== FAILED:$failed"
  exit 1
fi
