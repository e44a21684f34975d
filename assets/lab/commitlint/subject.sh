# class: build-failure
# tool: commitlint
# ecosystem: ci
# step: Check commit messages
# needs: npm:@commitlint/cli@19.5.0 npm:@commitlint/config-conventional@19.5.0 apt:git
# proof: type must be one of
printf '{ "name": "pager", "private": true, "commitlint": { "extends": ["@commitlint/config-conventional"] }, "devDependencies": { "@commitlint/cli": "^19.5.0", "@commitlint/config-conventional": "^19.5.0" } }\n' >package.json
git init -q
printf 'update: Changed the paging of results.\n' >message
#%% step
npx commitlint --edit message
