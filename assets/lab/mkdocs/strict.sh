# class: build-failure
# tool: mkdocs
# ecosystem: docs
# step: Build documentation
# needs: pip:mkdocs==1.6.1
# proof: Aborted with
# proof: contains a link 'setup.md'
mkdir docs
printf 'site_name: Berth planner\nnav:\n  - index.md\n' >mkdocs.yml
printf '# Berth planner\n\nStart with the [setup](setup.md).\n' >docs/index.md
#%% step
mkdocs build --strict
