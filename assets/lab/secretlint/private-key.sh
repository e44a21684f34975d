# class: security-scan-failure
# tool: secretlint
# ecosystem: node
# step: Secret scan
# needs: npm:secretlint@9.0.0 npm:@secretlint/secretlint-rule-preset-recommend@9.0.0 apt:openssh-client
# proof: found private key
mkdir deploy
printf '{ "name": "deploy-kit", "private": true, "devDependencies": { "secretlint": "^9.0.0", "@secretlint/secretlint-rule-preset-recommend": "^9.0.0" } }\n' >package.json
printf '{ "rules": [{ "id": "@secretlint/secretlint-rule-preset-recommend" }] }\n' >.secretlintrc.json
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -C deploy -f deploy/id_rsa
#%% step
npx secretlint "deploy/*"
