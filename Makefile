# `make test` is what decides: it installs what it needs and runs everything.
# The other targets are its parts, for those who know what they want.

.PHONY: test suites fmt lint docs unit openapi cluster install static faults crash io-faults format-fixture memory peers dialects ui control-plane bench demo

test:
	@scripts/test.sh

# Every suite by itself, and the seconds that each took of those that it states in tests/sizes.
suites:
	@scripts/suites.sh

fmt:
	cargo fmt --all

lint:
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

unit:
	cargo test --lib

# The dialects, spoken to by their real clients; each prints what it sent and read.
dialects:
	@tests/dialects/install.sh
	cargo test --test dialects -- --nocapture

# What /openapi.json promises, asked of the server by schemathesis.
openapi:
	@tests/openapi/install.sh
	cargo test --test openapi -- --nocapture

# Tests against a real control plane; without one they say so and do nothing. They wait more than they work.
cluster: control-plane
	cargo test --test cluster -- --test-threads=8

# The chart by Helm, the manifest, the static binary in an empty root folder. UPDATE=1 writes anew what is generated.
install: control-plane
	@tests/install/install.sh
	@scripts/static.sh
	UPDATE="$(UPDATE)" cargo test --test install

# One file without any library, for the image.
static:
	@scripts/static.sh --release

# Storms between a real control plane and dagtrail. SEEDS=1000 runs so many, SEED=7 that one again.
faults: control-plane
	THOROUGH=1 SEEDS="$(SEEDS)" SEED="$(SEED)" cargo test --test faults -- $(if $(SEED),after_every_storm)

# kill -9 under ingest, and what was acknowledged looked for afterwards.
crash:
	ROUNDS="$(or $(ROUNDS),500)" cargo test --test process -- --nocapture what_was_acknowledged_is_there_once

# Every call to the disk fails once, the journal is cut at every byte of its end, 10,000 bits flip. SEED=7 takes that seed.
# A release, as it opens a hundred thousand stores.
io-faults:
	THOROUGH_FAULTS=1 SEED="$(SEED)" cargo test --release --test store_faults -- --nocapture --test-threads=1

# The data directory of tests/formats in the format that this version writes. Only for a format that was never released.
format-fixture:
	UPDATE=1 cargo test --test formats

# Resident memory of a release while 150,000 Events live in the cluster: a debug build has over ten MiB more code in it.
memory: control-plane
	MEMORY_EVENTS="$(or $(MEMORY_EVENTS),150000)" cargo test --release --test cluster a_process_at_rest

# Another run for docs/peers.md, and the page.
peers: control-plane
	UPDATE_PEERS=1 CI=true cargo test --test faults peers::live
	cargo test --test faults peers::

# The binaries of that control plane, kept outside the checkout.
control-plane:
	@tests/cluster/install.sh

# The page in a real browser. UPDATE=1 writes the pictures of the README anew.
ui:
	@tests/ui/install.sh
	UPDATE="$(UPDATE)" cargo test --test ui

# Writes docs/benchmarks.md. `cargo bench -- GROUP` measures one group and prints only.
bench:
	@scripts/bench.sh

demo:
	cargo run --release -- demo
