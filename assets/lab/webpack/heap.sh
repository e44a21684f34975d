# class: resource-exhaustion
# tool: webpack
# ecosystem: node
# step: Build
# needs: npm:webpack@5.95.0 npm:webpack-cli@5.1.4
# proof: JavaScript heap out of memory
mkdir src
printf '{ "name": "atlas-ui", "private": true, "devDependencies": { "webpack": "^5.95.0", "webpack-cli": "^5.1.4" } }\n' >package.json
{
    printf 'export const places = [\n'
    seq 1 200000 | sed 's/.*/  { id: &, name: "place &", at: [&, &] },/'
    printf '];\n'
} >src/places.js
printf 'import { places } from "./places.js";\nconsole.log(places.length);\n' >src/index.js
#%% step
NODE_OPTIONS=--max-old-space-size=64 npx webpack --mode production
