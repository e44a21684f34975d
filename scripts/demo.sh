#!/bin/sh
# Builds Sentinel and shows it at work: the control tower with a seeded stream of made-up failures, first such as the model
# was trained on, then others. Without a terminal: the server alone. Its data folder is temporary and goes at the end.
set -eu
# shellcheck source=scripts/setup.sh
. "$(dirname -- "$0")/setup.sh"

cd "$root"
cargo build --release --locked --bin sentinel
sentinel=${CARGO_TARGET_DIR:-$root/target}/release/sentinel
address=127.0.0.1:${SENTINEL_DEMO_PORT:-8200}
data=$(mktemp -d)

# start COMMAND...: becomes this program, with the settings of the demo and no others.
start() {
    exec env -u SENTINEL_CONFIG -u SENTINEL_API_KEY -u GITHUB_WEBHOOK_SECRET "$sentinel" --config "$root/config.toml" \
        --data "$data" --set "server.listen=$address" --set api.rate_per_minute=0 "$@"
}

# send ARGUMENTS...: failures to the tower, until they are sent or this is ended.
send() {
    start simulate --url "http://$address" --rate 4 "$@" &
    child=$!
    wait "$child"
}

# stream: failures as they come on a usual day, and from the twentieth second on such as the model has not seen.
stream() {
    child=''
    trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 0' TERM
    until (start health); do sleep 0.2; done
    send --count 80 --seed 7 --chaos none
    send --count 2000 --seed 8 --chaos high
}

stream >"$data.log" 2>&1 &
stream=$!

finish() {
    kill "$stream" 2>/dev/null || true
    rm -rf "$data" "$data.log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -t 0 ] && [ -t 1 ]; then
    (start)
else
    (start serve)
fi
