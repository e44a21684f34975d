#!/bin/sh
# Prints the control tower's real screen with a few failures on it. Needs tmux and curl; the README's picture is made so.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
data=$(mktemp -d)
port=8299
trap 'tmux -L sentinel-screen kill-server 2>/dev/null || true; rm -rf "$data"' EXIT

tmux -L sentinel-screen -f /dev/null new-session -d -x 100 -y 30 \
    "$root/target/release/sentinel --data $data --set server.listen=127.0.0.1:$port --set api.rate_per_minute=0"
until curl -sf "http://127.0.0.1:$port/health" >/dev/null; do sleep 0.1; done

# report REPOSITORY STEP TEXT
report() {
    printf '{"repository": "%s", "job": "%s", "error_message": "%s"}' "$1" "$2" "$3" |
        curl -sf "http://127.0.0.1:$port/api/analyze" -H 'Content-Type: application/json' -d @- >/dev/null
}

report acme/storefront install 'npm error code ERESOLVE\nnpm error ERESOLVE could not resolve'
report acme/ledger test '--- FAIL: TestBalance (0.02s)\n    ledger_test.go:41: got 12, want 13\nFAIL'
report acme/images build 'fatal error: Killed signal terminated program cc1plus\ncc1plus: out of memory allocating 65536 bytes'
report acme/api fetch 'curl: (6) Could not resolve host: artifacts.acme.example'
report acme/portal release 'Error: UPGRADE FAILED: timed out waiting for the condition'
report acme/engine build 'error[E0308]: mismatched types\n  --> src/main.rs:12:5'
report acme/site publish 'remote: Permission to acme/site.git denied to github-actions[bot].'
report acme/mobile gate 'found 3 vulnerabilities (1 moderate, 2 critical)\nnpm audit: audit level is critical'
sleep 1.5
tmux -L sentinel-screen capture-pane -p
