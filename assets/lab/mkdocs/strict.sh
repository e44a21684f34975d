# class: build-failure
# tool: mkdocs
# ecosystem: docs
# step: Build docs
# needs: pip:mkdocs==1.6.1
# proof: Aborted with 1 warnings in strict mode!
mkdir docs
printf 'site_name: Courier\nnav:\n  - index.md\n  - Setup: setup.md\n' >mkdocs.yml
printf '# Courier\n\nSee [setup](setup.md).\n' >docs/index.md
sed -i 's/  - Setup: setup.md//' mkdocs.yml
#%% step
mkdocs build --strict
