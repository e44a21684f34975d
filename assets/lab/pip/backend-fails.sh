# class: build-failure
# tool: pip
# ecosystem: python
# step: Install package
# needs: pip:pip==25.3 pip:setuptools==80.9.0 apt:gcc
# proof: fast_hash.c:4:10: fatal error: blake3.h: No such file or directory
mkdir -p src/fasthash
cat >pyproject.toml <<'END'
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"

[project]
name = "fasthash"
version = "0.8.2"
END
cat >setup.py <<'END'
from setuptools import Extension, setup

setup(ext_modules=[Extension("fasthash._native", ["src/fasthash/fast_hash.c"])], package_dir={"": "src"})
END
echo 'from ._native import digest' >src/fasthash/__init__.py
cat >src/fasthash/fast_hash.c <<'END'
#include <stdint.h>
#include <string.h>
/* vendored by the release job */
#include "blake3.h"

int fasthash_version(void) { return BLAKE3_VERSION; }
END
#%% step
pip install --no-build-isolation .
