# class: dependency-error
# tool: poetry
# ecosystem: python
# step: Lock dependencies
# needs: pip:poetry==2.2.1
# proof: version solving failed
cat >pyproject.toml <<'END'
[project]
name = "survey-export"
version = "0.9.1"
requires-python = ">=3.11,<4.0"
dependencies = ["flask (>=3.0,<4.0)", "werkzeug (>=2.2,<2.3)"]

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "pypi-simple"
url = "https://pypi.org/simple/"
priority = "primary"
END
#%% step
poetry lock --no-interaction --no-ansi
