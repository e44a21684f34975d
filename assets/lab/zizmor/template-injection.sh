# class: security-scan-failure
# tool: zizmor
# ecosystem: ci
# step: Audit workflows
# needs: pip:zizmor==1.5.2
# proof: code injection via template expansion
mkdir -p .github/workflows
cat >.github/workflows/greet.yml <<'END'
name: greet
on: issue_comment
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo "thanks for ${{ github.event.comment.body }}"
END
#%% step
zizmor --offline .github/workflows
