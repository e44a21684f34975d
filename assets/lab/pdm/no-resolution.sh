# class: dependency-error
# tool: pdm
# ecosystem: python
# step: pdm lock
# needs: pip:pdm==2.29.4
# proof: Unable to find a resolution
cat >pyproject.toml <<'END'
[project]
name = "route-finder"
version = "2.0.0"
requires-python = ">=3.11"
dependencies = ["jinja2>=3.1", "markupsafe<2.0"]

[tool.pdm]
distribution = false
END
#%% step
pdm lock --no-cross-platform
