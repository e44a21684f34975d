#!/bin/sh
# Builds Sentinel and prints the table of costs. Needs a quiet machine, and about a minute of it.
set -eu
# shellcheck source=scripts/setup.sh
. "$(dirname -- "$0")/setup.sh"

cd "$root"
exec cargo bench --locked --bench costs -- "$@"
