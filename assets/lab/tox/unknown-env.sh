# class: configuration-error
# tool: tox
# ecosystem: python
# step: Tox
# needs: pip:tox==4.21.2
# proof: provided environments not found in configuration file
printf '[tox]\nenv_list = py311\n\n[testenv]\nskip_install = true\ncommands = python -m unittest\n' >tox.ini
#%% step
tox run -e docs
