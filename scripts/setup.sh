#!/bin/sh
# Makes sure that everything needed to build Sentinel is here. Sourced by the other scripts.
#
# Needed: cargo (from rustup), a C and C++ compiler, make, CMake >= 3.28 and libclang.
# Where nothing is missing this installs nothing and needs no root. What is missing comes from the
# distribution's packages (root or sudo, said before it happens); a CMake that the distribution has only
# in an older version comes from PyPI into the git-ignored folder .tools/.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
tools="$root/.tools"
cmake_wanted=3.28

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# at_least HAVE WANT: true where the dotted version HAVE is WANT or newer.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

cmake_version() { "$1" --version 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p'; }

# find_cmake: prints the first CMake that is new enough.
find_cmake() {
    for candidate in "${CMAKE:-}" cmake "$tools/cmake/bin/cmake"; do
        [ -n "$candidate" ] || continue
        command -v "$candidate" >/dev/null 2>&1 || continue
        version=$(cmake_version "$candidate")
        if [ -n "$version" ] && at_least "$version" "$cmake_wanted"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# find_libclang: prints the folder of a libclang that bindgen can load.
find_libclang() {
    for folder in "${LIBCLANG_PATH:-}" /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/lib "$tools"/libclang/lib; do
        [ -d "$folder" ] || continue
        # libclang-cpp is the C++ interface, which bindgen cannot use.
        for file in "$folder"/libclang.so "$folder"/libclang.so.* "$folder"/libclang-[0-9]*.so*; do
            if [ -e "$file" ]; then
                printf '%s\n' "$folder"
                return 0
            fi
        done
    done
    return 1
}

# as_root WHY PACKAGE...: installs distribution packages, after saying what and why.
as_root() {
    why=$1
    shift
    command -v apt-get >/dev/null 2>&1 ||
        die "missing: $why. Install it with your system's package manager (on Debian: apt-get install $*)"
    if [ "$(id -u)" = 0 ]; then sudo=''; elif command -v sudo >/dev/null 2>&1; then sudo='sudo'; else
        die "missing: $why. As root, run: apt-get install $*"
    fi
    say "installing $* ($why)${sudo:+, with sudo}"
    if [ -z "${apt_updated:-}" ]; then
        $sudo apt-get update -qq >&2 || die "apt-get update failed"
        apt_updated=1
    fi
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
        die "apt-get install $* failed"
}

ensure_cargo() {
    if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
        export PATH
    fi
    command -v cargo >/dev/null 2>&1 || die "cargo is missing: install Rust with rustup, then run this again"
}

ensure_compilers() {
    missing=''
    command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
    command -v c++ >/dev/null 2>&1 || missing="$missing g++"
    command -v make >/dev/null 2>&1 || missing="$missing make"
    # shellcheck disable=SC2086 # a list of package names
    [ -z "$missing" ] || as_root "compilers for LightGBM and SQLite" $missing
}

ensure_libclang() {
    if ! folder=$(find_libclang); then
        as_root "libclang, which reads LightGBM's header" libclang-dev
        folder=$(find_libclang) || die "libclang is still missing after its installation"
    fi
    LIBCLANG_PATH=$folder
    export LIBCLANG_PATH
    # A libclang without its own headers still works with the compiler's.
    if ! ls "$folder"/clang/*/include/stddef.h "$folder"/../lib/clang/*/include/stddef.h >/dev/null 2>&1; then
        BINDGEN_EXTRA_CLANG_ARGS="-I$(cc -print-file-name=include) ${BINDGEN_EXTRA_CLANG_ARGS:-}"
        export BINDGEN_EXTRA_CLANG_ARGS
    fi
}

install_cmake() {
    if apt-cache policy cmake 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\.[0-9.]*\).*/\1/p' | {
        read -r version && at_least "$version" "$cmake_wanted"
    }; then
        as_root "CMake >= $cmake_wanted, which builds LightGBM" cmake
        return
    fi
    python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || as_root "Python, to fetch CMake >= $cmake_wanted from PyPI" python3 python3-venv
    say "fetching CMake >= $cmake_wanted from PyPI into .tools/ (the distribution's is older)"
    rm -rf "$tools/cmake"
    python3 -m venv "$tools/cmake" >&2 || die "python3 -m venv $tools/cmake failed"
    "$tools/cmake/bin/pip" install -q "cmake>=$cmake_wanted,<4" >&2 || die "PyPI's cmake could not be installed"
}

ensure_cmake() {
    CMAKE=$(find_cmake) || {
        install_cmake
        CMAKE=$(find_cmake) || die "CMake >= $cmake_wanted is still missing after its installation"
    }
    export CMAKE
}

ensure_cargo
ensure_compilers
ensure_libclang
ensure_cmake
