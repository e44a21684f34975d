# class: configuration-error
# tool: gitlab-ci-local
# ecosystem: ci
# step: Validate pipeline
# needs: npm:gitlab-ci-local@4.62.0 apt:git
# proof: build-images
git init -q -b main .
git config user.name dev
git config user.email dev@example.com
git remote add origin git@git.harbor.example:platform/berths.git
cat >.gitlab-ci.yml <<'END'
stages: [build, test]
build:
  stage: build
  script: [make]
test:
  stage: test
  needs: [build-images]
  script: [make test]
END
git add .
#%% step
gitlab-ci-local --list
