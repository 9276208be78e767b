#!/bin/bash
# Everything that must hold before a change is taken in; `make test` runs it.
#
# THOROUGH=1 lets the tests that take what time they get take minutes: storms above all.
# Where no control plane or no browser can be had, the tests that need it do not
# run: the last lines say so, and with CI=true that is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1

begin=$SECONDS

step() {
  local what=$1 since=$SECONDS
  shift
  echo "== $what"
  if ! "$@"; then
    echo "== $what: FAILED after $((SECONDS - since)) s"
    exit 1
  fi
  echo "== $what: passed in $((SECONDS - since)) s"
}

step "prerequisites" scripts/prerequisites.sh
step "format" cargo fmt --all --check

echo "== control plane for the cluster tests"
tests/cluster/install.sh
installed=$?

step "clients of the dialects" tests/dialects/install.sh
step "checkers of the chart" tests/install/install.sh
step "checker of the description" tests/openapi/install.sh

echo "== browser for the tests of the page"
tests/ui/install.sh
browser=$?

step "clippy" cargo clippy --all-targets -- -D warnings
step "docs" env RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
step "static binary" scripts/static.sh
if [ "$installed" -eq 0 ] && [ "$browser" -eq 0 ]; then
  step "tests" env THOROUGH=1 scripts/suites.sh
else
  # The verdict on this is below; the tests themselves would refuse CI=true.
  step "tests" env CI=false scripts/suites.sh
fi

if [ "$installed" -ne 0 ] || [ "$browser" -ne 0 ]; then
  if [ "$installed" -ne 0 ]; then
    echo "== THE CLUSTER TESTS, AND THOSE OF THE CHART, DID NOT RUN: no control plane can be had on this machine (see 'control plane:' above)"
  fi
  if [ "$browser" -ne 0 ]; then
    echo "== THE TESTS OF THE PAGE DID NOT RUN: no browser can be had on this machine (see 'browser:' above)"
  fi
  if [ "${CI:-}" = true ]; then exit 1; fi
  echo "== everything else passed in $((SECONDS - begin)) s"
  exit 0
fi
echo "== all passed in $((SECONDS - begin)) s"
