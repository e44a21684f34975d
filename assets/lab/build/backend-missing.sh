# class: configuration-error
# tool: python-build
# ecosystem: python
# step: Build wheel
# needs: pip:build==1.2.2 pip:setuptools==75.1.0 pip:wheel==0.44.0
# proof: invalid pyproject.toml config: `project.license`
mkdir courier
printf '' >courier/__init__.py
cat >pyproject.toml <<'END'
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "courier"
version = "1.0"
license = "MIT License, see LICENSE"
requires-python = ">=3.9"
END
#%% step
python -m build --wheel --no-isolation
