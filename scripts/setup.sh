#!/bin/sh
# Makes sure that everything needed to build Sentinel is here. Sourced by the other scripts.
#
# Needed: cargo (from rustup), a C++ compiler, make, CMake >= 3.28 and libclang.
# Where nothing is missing this installs nothing and needs no root. What is missing comes from the distribution's
# packages, in one go (as root or with sudo, said before it happens); a CMake that the distribution has only in an
# older version comes from PyPI into the git-ignored folder .tools/.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cmake_folder="$root/.tools/cmake"
cmake_wanted=3.28
packages=''

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# want WHY PACKAGE...: notes packages to be installed, and says why.
want() {
    say "missing: $1"
    shift
    packages="$packages $*"
}

# as_root COMMAND...: runs it as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# refresh: reads the distribution's list of packages, once, where this may be done.
refresh() {
    [ -z "${refreshed:-}" ] || return 0
    refreshed=yes
    if [ "$(id -u)" = 0 ] || have sudo; then
        as_root apt-get update -qq >&2 || die "apt-get update failed: see above"
    fi
}

# install_wanted: installs what was noted.
install_wanted() {
    [ -n "$packages" ] || return 0
    have apt-get || die "install these with your system's package manager (the names are Debian's):$packages"
    [ "$(id -u)" = 0 ] || have sudo || die "as root, run: apt-get install$packages"
    say "installing$packages with apt-get, as root"
    refresh
    # shellcheck disable=SC2086 # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2 ||
        die "apt-get could not install$packages: see above"
    packages=''
}

# at_least HAVE WANT: true where the dotted version HAVE is WANT or newer.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

# find_cmake: prints the first CMake that is new enough.
find_cmake() {
    for candidate in "${CMAKE:-}" cmake "$cmake_folder/bin/cmake"; do
        have "$candidate" || continue
        version=$("$candidate" --version 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p')
        if [ -n "$version" ] && at_least "$version" "$cmake_wanted"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# find_libclang: prints the folder of a libclang that bindgen can load.
find_libclang() {
    for folder in "${LIBCLANG_PATH:-}" /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/lib; do
        # libclang-cpp is the C++ interface, which bindgen cannot use.
        for file in "$folder"/libclang.so "$folder"/libclang.so.* "$folder"/libclang-[0-9]*.so*; do
            if [ -n "$folder" ] && [ -e "$file" ]; then
                printf '%s\n' "$folder"
                return 0
            fi
        done
    done
    return 1
}

# has_certificates: true where cargo can check whom it downloads from.
has_certificates() {
    for file in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
        /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
        [ -z "$file" ] || [ ! -s "$file" ] || return 0
    done
    ! have apt-get # elsewhere the place is not known: let cargo find it
}

# packaged_cmake: true where the distribution's CMake is new enough.
packaged_cmake() {
    have apt-cache || return 1
    refresh
    version=$(apt-cache policy cmake 2>/dev/null | sed -n 's/^ *Candidate: \([0-9][0-9.]*\).*/\1/p')
    [ -n "$version" ] && at_least "$version" "$cmake_wanted"
}

can_make_venv() { python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }

find_cargo() {
    if ! have cargo; then
        PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
        export PATH
    fi
    have cargo || die "missing: cargo. Install Rust with rustup (https://rustup.rs), then run this again"
}

want_missing() {
    has_certificates || want "certificates, to download Rust packages" ca-certificates
    { have cc && have c++; } || want "a compiler for LightGBM and SQLite" g++
    have make || want "make, which builds LightGBM" make
    find_libclang >/dev/null || want "libclang, which reads LightGBM's header" libclang1
    find_cmake >/dev/null && return 0
    if packaged_cmake; then
        want "CMake >= $cmake_wanted, which builds LightGBM" cmake
    elif ! can_make_venv; then
        want "Python, to fetch CMake >= $cmake_wanted from PyPI (the distribution's is older)" python3 python3-venv
    fi
}

fetch_cmake() {
    say "fetching CMake >= $cmake_wanted from PyPI into .tools/"
    rm -rf "$cmake_folder"
    python3 -m venv "$cmake_folder" >&2 || die "python3 -m venv $cmake_folder failed: see above"
    # pip brings certificates of its own; whom this machine trusts (a proxy's, perhaps) stands in the system's.
    if [ -z "${PIP_CERT:-}${REQUESTS_CA_BUNDLE:-}" ] && [ -s /etc/ssl/certs/ca-certificates.crt ]; then
        export PIP_CERT=/etc/ssl/certs/ca-certificates.crt
    fi
    "$cmake_folder/bin/pip" install -q --disable-pip-version-check "cmake>=$cmake_wanted,<4" >&2 ||
        die "PyPI's cmake could not be installed: see above"
}

# tell_cargo: where bindgen and LightGBM's build find what they need.
tell_cargo() {
    CMAKE=$(find_cmake) || { fetch_cmake && CMAKE=$(find_cmake); } || die "CMake >= $cmake_wanted is still missing"
    LIBCLANG_PATH=$(find_libclang) || die "libclang is still missing"
    export CMAKE LIBCLANG_PATH
    # A libclang without its own headers works with the compiler's.
    if ! ls "$LIBCLANG_PATH"/clang/*/include/stddef.h >/dev/null 2>&1; then
        BINDGEN_EXTRA_CLANG_ARGS="-I$(cc -print-file-name=include) ${BINDGEN_EXTRA_CLANG_ARGS:-}"
        export BINDGEN_EXTRA_CLANG_ARGS
    fi
}

find_cargo
want_missing
install_wanted
tell_cargo
