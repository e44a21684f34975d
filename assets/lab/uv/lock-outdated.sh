# class: dependency-error
# tool: uv
# ecosystem: python
# step: uv sync
# needs: pip:uv==0.9.7
# proof: needs to be updated, but `--locked` was provided
cat >pyproject.toml <<'END'
[project]
name = "geo-tiles"
version = "0.4.0"
requires-python = ">=3.11"
dependencies = ["click>=8.1"]
END
uv lock --python /usr/bin/python3
sed -i 's/"click>=8.1"/"click>=8.1", "idna>=3.6"/' pyproject.toml
#%% step
uv sync --locked --python /usr/bin/python3
