#!/bin/sh
# The failure lab: runs small broken projects with real tools and writes what they print, with what was measured, to
# assets/corpus/captured/. What a scenario is and how to write one: README.md beside this file.
#
#   run.sh                     every scenario
#   run.sh gcc npm/ci-no-lock  all of one tool, one scenario
#   run.sh --dry gcc           runs and shows, writes nothing
#   run.sh --renew             writes every record anew; else one that differs only in times and numbers stays as it is
#
# What the scenarios need is installed where it is missing: Debian packages as root or with sudo, everything else into
# .tools/lab/ (LAB_TOOLS names another folder). SENTINEL names the program that measures.
set -eu

lab=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$lab/../.." && pwd)
tools=${LAB_TOOLS:-$root/.tools/lab}
records=$root/assets/corpus/captured
runner_home=/home/runner
limit_seconds=600
dry=''
renew=''

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

find_sentinel() {
    for candidate in "${SENTINEL:-}" "$root/target/release/sentinel" "$root/target/fast/sentinel" sentinel; do
        if [ -n "$candidate" ] && have "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    die "no sentinel: build it with 'make build', or name it: SENTINEL=/path/to/sentinel"
}

# scenarios [TOOL[/NAME]...]: prints the files.
scenarios() {
    if [ $# -eq 0 ]; then
        find "$lab" -mindepth 2 -maxdepth 2 -name '*.sh' | sort
        return 0
    fi
    for wanted in "$@"; do
        if [ -f "$lab/$wanted.sh" ]; then
            printf '%s\n' "$lab/$wanted.sh"
        elif [ -d "$lab/$wanted" ]; then
            find "$lab/$wanted" -name '*.sh' | sort
        else
            die "no scenario $wanted in $lab"
        fi
    done
}

# field NAME FILE: the value of a header line.
field() { sed -n "/^#%% step/q; s/^# $1: *//p" "$2"; }

# needs KIND FILE...: the packages of that kind, sorted, without doubles.
needs() {
    kind=$1
    shift
    for file in "$@"; do
        field needs "$file" | tr ' ' '\n' | sed -n "s/^$kind://p"
    done | sort -u
}

key() { printf '%s' "$*" | cksum | cut -d ' ' -f 1; }

install_debian() {
    missing=''
    for package in $(needs apt "$@"); do
        dpkg-query -W -f '${Status}' "${package%%=*}" 2>/dev/null | grep -q ' installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    have apt-get || die "these Debian packages are missing and there is no apt-get:$missing"
    say "installing$missing with apt-get, as root"
    as_root apt-get update -qq >&2
    # shellcheck disable=SC2086 # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq \
        --no-install-recommends $missing >&2 || die "apt-get could not install$missing: see above"
}

# Debian's Python, as others may stand in a home folder that nobody else may read.
python() {
    if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi
}

# pip_folder FILE: the environment with the Python packages of a scenario.
pip_folder() {
    wanted=$(needs pip "$1")
    [ -n "$wanted" ] || return 0
    # shellcheck disable=SC2086 # a list of package names
    folder=$tools/pip/$(key $wanted)
    if [ ! -e "$folder/done" ]; then
        rm -rf "$folder"
        python -m venv "$folder" >&2 || die "python3 -m venv failed: install python3-venv"
        # shellcheck disable=SC2086
        "$folder/bin/pip" install -q --disable-pip-version-check --no-input $wanted >&2 || die "pip could not install $wanted"
        : >"$folder/done"
    fi
    printf '%s\n' "$folder"
}

# npm_folder FILE: the folder with the npm packages of a scenario.
npm_folder() {
    wanted=$(needs npm "$1")
    [ -n "$wanted" ] || return 0
    # shellcheck disable=SC2086 # a list of package names
    folder=$tools/npm/$(key $wanted)
    if [ ! -e "$folder/done" ]; then
        rm -rf "$folder"
        mkdir -p "$folder"
        printf '{"private":true}\n' >"$folder/package.json"
        # shellcheck disable=SC2086
        (cd "$folder" && npm install --silent --no-audit --no-fund --no-save $wanted >&2) || die "npm could not install $wanted"
        : >"$folder/done"
    fi
    printf '%s\n' "$folder"
}

install_cargo() {
    for package in $(needs cargo "$@"); do
        name=${package%%@*}
        [ ! -e "$tools/cargo/$package" ] || continue
        cargo install --quiet --locked --root "$tools/cargo" --version "${package##*@}" "$name" >&2 ||
            die "cargo could not install $package"
        : >"$tools/cargo/$package"
    done
}

# project NAME: a name as repositories have, the same for the same scenario, that tells nothing of its class.
project() {
    set -- "$(key "$1")" atlas beacon billing-api camera-hub catalog checkout courier datahub depot dispatch fleet-agent \
        forecast gateway harbor identity inbox insights ledger lighthouse loyalty mapper metering mosaic notifier orchard \
        parcel payments planner portal pricing quill relay reporter roster sensors shelf signup sketch storefront sundial \
        telemetry tickets timeline tracker vault-ui voyager warehouse weather widgets
    number=$1
    shift
    shift $((number % $#))
    printf '%s\n' "$1"
}

# workspace: the folder above all projects, as a hosted runner has it where this machine allows that.
workspace() {
    if mkdir -p "$runner_home/work/_temp" 2>/dev/null && [ -w "$runner_home/work" ]; then
        printf '%s\n' "$runner_home"
    else
        mkdir -p "$scratch/home/work/_temp"
        printf '%s\n' "$scratch/home"
    fi
}

# clean COMMAND...: runs it as in a fresh machine: nothing of who runs the lab, only what downloads need.
clean() {
    set -- bash --noprofile --norc "$@"
    for name in SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO PIP_CERT \
        http_proxy https_proxy no_proxy; do
        eval "value=\${$name:-}"
        [ -z "$value" ] || set -- "$name=$value" "$@"
    done
    env -i "PATH=$path" "HOME=$home" USER=runner LOGNAME=runner LANG=C.UTF-8 TZ=UTC CI=true TMPDIR=/tmp \
        "CARGO_HOME=$home/.cargo" "RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}" RUSTUP_AUTO_INSTALL=0 "$@"
}

# measured COMMAND...: runs it below sentinel exec; its words go nowhere, the capture is what counts.
measured() {
    set -- timeout -k 5 "$limit_seconds" "$sentinel" exec --no-color --data "$scratch/data" \
        --capture "$scratch/capture.jsonl" -- bash --noprofile --norc -eo pipefail "$step"
    # Root may do everything: what a runner's user may not do is tried as a user without rights.
    if [ -n "$user" ] && [ "$(id -u)" = 0 ]; then
        chown -R "$user" "$home/work/$repository" "$scratch"
        set -- setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
    fi
    clean -c '"$@"' lab "$@" </dev/null >"$scratch/shown" 2>&1 9>&-
}

# remove FOLDER: with what a scenario may have mounted in it.
remove() {
    sed -n "s#^[^ ]* \($1/[^ ]*\) .*#\1#p" /proc/mounts | while read -r mounted; do
        as_root umount "$mounted"
    done
    rm -rf "$1"
}

run_scenario() {
    file=$1
    name=${file#"$lab/"}
    name=${name%.sh}
    repository=$(project "$name")
    folder=$home/work/$repository/$repository
    pip=$(pip_folder "$file") || return 1
    npm=$(npm_folder "$file") || return 1
    # Two labs on one machine share the projects' folders: one at a time in each. What a scenario leaves running must not
    # hold that lock too.
    exec 9>"$home/work/_temp/$repository.lock"
    flock 9
    rm -f "$scratch/capture.jsonl"
    remove "$home/work/$repository"
    mkdir -p "$folder"
    cd "$folder"
    path=${pip:+$pip/bin:}$folder/node_modules/.bin:${npm:+$npm/node_modules/.bin:}$tools/cargo/bin:$cargo_bin
    path=$path:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    step=$home/work/_temp/$(key "$name").sh
    sed '/^#%% step/,$d' "$file" >"$scratch/setup.sh"
    sed '1,/^#%% step/d' "$file" >"$step"
    clean -eu "$scratch/setup.sh" </dev/null >"$scratch/shown" 2>&1 9>&- || {
        sed 's/^/  /' "$scratch/shown" >&2
        say "$name: the setup failed"
        return 1
    }
    # Packages that the project itself asks for stand in it, as after `npm ci`; others are tools of the machine.
    first=$(needs npm "$file" | head -n 1)
    if [ -n "$npm" ] && grep -qsF "\"${first%@*}\"" package.json && [ ! -e node_modules ]; then
        cp -al "$npm/node_modules" node_modules 2>/dev/null || cp -a "$npm/node_modules" node_modules
    fi
    user=$(field user "$file")
    measured 9>&- || true
    cd "$lab"
    [ -s "$scratch/capture.jsonl" ] || {
        sed 's/^/  /' "$scratch/shown" >&2
        say "$name: nothing was captured"
        return 1
    }
    python "$lab/record.py" "$file" "$scratch/capture.jsonl" "$records" ${dry:+--dry} ${renew:+--renew} \
        "${npm:-/nowhere}=/opt/hostedtoolcache/node/20.18.0/x64/lib" \
        "${pip:-/nowhere}=/opt/hostedtoolcache/Python/3.11.9/x64" \
        "$tools/cargo=/home/runner/.cargo" "$home/work=/home/runner/work" "$home=/home/runner" \
        "${RUSTUP_HOME:-$HOME/.rustup}=/home/runner/.rustup" "${CARGO_HOME:-$HOME/.cargo}=/home/runner/.cargo" \
        "$HOME=/home/runner" "$root=/home/runner/work" || return 1
    rm -f "$step"
    remove "$home/work/$repository"
}

while [ $# -gt 0 ]; do
    case $1 in
    --dry) dry=yes ;;
    --renew) renew=yes ;;
    -*) die "unknown option $1" ;;
    *) break ;;
    esac
    shift
done
files=$(scenarios "$@") || exit 1
[ -n "$files" ] || die "no scenarios"
sentinel=$(find_sentinel)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
home=$(workspace)
cargo_bin=${CARGO_HOME:-$HOME/.cargo}/bin
mkdir -p "$tools/cargo" "$records"
# shellcheck disable=SC2086 # file names of the lab have no blanks
install_debian $files
# shellcheck disable=SC2086
install_cargo $files
failed=''
count=0
for file in $files; do
    count=$((count + 1))
    run_scenario "$file" || failed="$failed $file"
done
[ -z "$failed" ] || {
    say "these are not as they should be:"
    # shellcheck disable=SC2086
    printf '  %s\n' $failed >&2
    exit 1
}
say "$count scenarios are as they should be"
