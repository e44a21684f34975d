# class: build-failure
# tool: esbuild
# ecosystem: node
# step: Bundle
# needs: npm:esbuild@0.24.0
# proof: [ERROR] No matching export in "src/units.js" for import "toMiles"
mkdir src
printf '{ "name": "run-log", "private": true, "devDependencies": { "esbuild": "^0.24.0" } }\n' >package.json
printf 'export const toKilometres = (metres) => metres / 1000;\n' >src/units.js
printf 'import { toMiles } from "./units.js";\nconsole.log(toMiles(5000));\n' >src/main.js
#%% step
npx esbuild src/main.js --bundle --minify --outfile=dist/main.js
