# class: dependency-error
# tool: babel
# ecosystem: node
# step: Transpile
# needs: npm:@babel/cli@7.25.7 npm:@babel/core@7.25.7
# proof: Error: Cannot find package '@babel/preset-react' imported from
mkdir src
printf '{ "name": "tabs", "private": true, "devDependencies": { "@babel/cli": "^7.25.7", "@babel/core": "^7.25.7" } }\n' >package.json
printf '{ "presets": ["@babel/preset-react"] }\n' >.babelrc
printf 'export const Tab = () => <div role="tab" />;\n' >src/tab.js
#%% step
npx babel src --out-dir lib
