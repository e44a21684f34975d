# class: dependency-error
# tool: uv
# ecosystem: python
# step: Sync environment
# needs: pip:uv==0.9.7
# proof: No solution found when resolving dependencies
# proof: your project's requirements are unsatisfiable
cat >pyproject.toml <<'END'
[project]
name = "pricing-api"
version = "1.12.0"
requires-python = ">=3.11"
dependencies = [
  "flask>=3.0",
  "werkzeug<2.3",
  "httpx>=0.27",
]
END
#%% step
uv sync --python /usr/bin/python3
