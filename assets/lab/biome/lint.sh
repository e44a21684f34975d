# class: build-failure
# tool: biome
# ecosystem: node
# step: Lint and format
# needs: npm:@biomejs/biome@1.9.3
# proof: lint/suspicious/noDoubleEquals
mkdir src
printf '{ "name": "pager", "private": true, "devDependencies": { "@biomejs/biome": "1.9.3" } }\n' >package.json
printf 'export function same(a, b) {\n\treturn a == b;\n}\n' >src/same.js
#%% step
npx biome ci src
