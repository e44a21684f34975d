#!/bin/sh
# Runs every test: the library's, those in tests/, and the examples in the docs.
set -eu
# shellcheck source=scripts/setup.sh
. "$(dirname -- "$0")/setup.sh"

cd "$root"
exec cargo test --release --locked --no-fail-fast "$@"
