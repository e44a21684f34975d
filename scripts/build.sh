#!/bin/sh
# Builds target/release/sentinel.
set -eu
# shellcheck source=scripts/setup.sh
. "$(dirname -- "$0")/setup.sh"

cd "$root"
exec cargo build --release --locked "$@"
