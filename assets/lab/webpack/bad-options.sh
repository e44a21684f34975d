# class: configuration-error
# tool: webpack
# ecosystem: node
# step: Build
# needs: npm:webpack@5.95.0 npm:webpack-cli@5.1.4
# proof: Invalid configuration object. Webpack has been initialized using a configuration object that does not match the API schema.
mkdir src
printf '{ "name": "kiosk", "private": true, "devDependencies": { "webpack": "^5.95.0", "webpack-cli": "^5.1.4" } }\n' >package.json
printf 'module.exports = { mode: "production", output: { dir: "public" }, devtools: "source-map" };\n' >webpack.config.js
printf 'console.log("kiosk");\n' >src/index.js
#%% step
npx webpack
