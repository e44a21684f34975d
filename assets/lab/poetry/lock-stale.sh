# class: dependency-error
# tool: poetry
# ecosystem: python
# step: Install
# needs: pip:poetry==2.2.1
# proof: pyproject.toml changed significantly since poetry.lock was last generated.
cat >pyproject.toml <<'END'
[project]
name = "invoice-worker"
version = "3.1.0"
requires-python = ">=3.11,<4.0"
dependencies = ["click (>=8.1,<9.0)"]

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "pypi-simple"
url = "https://pypi.org/simple/"
priority = "primary"
END
poetry lock --no-interaction
sed -i 's/"click (>=8.1,<9.0)"/"click (>=8.1,<9.0)", "idna (>=3.6,<4.0)"/' pyproject.toml
#%% step
poetry install --no-interaction --no-ansi
