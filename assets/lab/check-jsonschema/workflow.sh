# class: configuration-error
# tool: check-jsonschema
# ecosystem: ci
# step: Validate workflows
# needs: pip:check-jsonschema==0.29.3
# proof: Schema validation errors were encountered.
mkdir -p .github/workflows
printf 'name: build\non: [push]\njobs:\n  build:\n    run-on: ubuntu-latest\n    steps:\n      - run: make\n' >.github/workflows/build.yml
#%% step
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/build.yml
