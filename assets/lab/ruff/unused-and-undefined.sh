# class: build-failure
# tool: ruff
# ecosystem: python
# step: Lint
# needs: pip:ruff==0.11.4
# proof: F821 Undefined name `shutil`
mkdir sync
cat >sync/copy.py <<'END'
import os
import sys
from pathlib import Path


def mirror(source: Path, target: Path) -> int:
    copied = 0
    for entry in source.rglob("*"):
        if entry.is_file():
            shutil.copy2(entry, target / entry.relative_to(source))
            copied += 1
    return copied
END
#%% step
ruff check .
