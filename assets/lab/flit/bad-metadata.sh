# class: build-failure
# tool: flit
# ecosystem: python
# step: Build wheel
# needs: pip:flit==3.12.0
# proof: Flit cannot package module without docstring
printf '[build-system]\nrequires = ["flit_core >=3.11"]\nbuild-backend = "flit_core.buildapi"\n\n[project]\nname = "moorings"\nauthors = [{name = "Harbor"}]\ndynamic = ["version", "description"]\n' >pyproject.toml
mkdir moorings
echo '__version__ = "0.9.2"' >moorings/__init__.py
#%% step
flit build --no-use-vcs
