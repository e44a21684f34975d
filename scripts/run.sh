#!/bin/sh
# Builds Sentinel and starts the control tower; without a terminal, the server alone.
#
# The database is the git-ignored folder data/: empty at the first start, kept afterwards.
set -eu
# shellcheck source=scripts/setup.sh
. "$(dirname -- "$0")/setup.sh"

cd "$root"
if [ -t 0 ] && [ -t 1 ]; then
    exec cargo run --release --locked -- --config "$root/config.toml" "$@"
fi
exec cargo run --release --locked -- --config "$root/config.toml" serve "$@"
