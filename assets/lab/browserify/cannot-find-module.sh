# class: build-failure
# tool: browserify
# ecosystem: node
# step: Bundle scripts
# needs: npm:browserify@17.0.1
# proof: Error: Can't walk dependency graph: Cannot find module './tide-chart'
mkdir src dist
printf "const chart = require('./tide-chart');\n\nchart.draw(document.body);\n" >src/main.js
printf 'exports.draw = () => {};\n' >src/tidechart.js
#%% step
browserify src/main.js --outfile dist/bundle.js
