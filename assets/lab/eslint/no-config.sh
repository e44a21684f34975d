# class: configuration-error
# tool: eslint
# ecosystem: node
# step: Lint
# needs: npm:eslint@9.24.0 npm:@eslint/js@9.24.0
# proof: ESLint couldn't find an eslint.config.(js|mjs|cjs) file.
mkdir src
printf '{ "name": "pager", "private": true, "devDependencies": { "@eslint/js": "^9.24.0", "eslint": "^9.24.0" } }\n' >package.json
printf '{ "extends": "eslint:recommended" }\n' >.eslintrc.json
printf 'export const size = 20;\n' >src/size.js
#%% step
npx eslint src
