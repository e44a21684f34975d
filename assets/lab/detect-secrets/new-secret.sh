# class: security-scan-failure
# tool: detect-secrets
# ecosystem: python
# step: Secret scan
# needs: pip:detect-secrets==1.5.0 apt:git
# proof: ERROR: Potential secrets about to be committed to git repo!
git init -q
git config user.email dev@example.org
git config user.name dev
mkdir config
printf 'region: eu-west-1\n' >config/app.yml
git add .
git commit -qm start
detect-secrets scan >.secrets.baseline
printf 'db_url: postgres://app:%s@db/app\n' "q8Zr2Lw5Tn1x" >>config/app.yml
git add .
#%% step
detect-secrets-hook --baseline .secrets.baseline $(git diff --cached --name-only)
