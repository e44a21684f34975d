# class: configuration-error
# tool: pre-commit
# ecosystem: ci
# step: Run pre-commit
# needs: pip:pre-commit==4.4.0 apt:git
# proof: InvalidConfigError
# proof: Missing required key: rev
git init -q -b main .
cat >.pre-commit-config.yaml <<'END'
repos:
  - repo: https://github.com/pre-commit/pre-commit-hooks
    hooks:
      - id: trailing-whitespace
      - id: end-of-file-fixer
END
git add .
#%% step
pre-commit run --all-files --show-diff-on-failure
