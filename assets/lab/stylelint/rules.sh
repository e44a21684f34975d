# class: build-failure
# tool: stylelint
# ecosystem: node
# step: Lint styles
# needs: npm:stylelint@16.9.0 npm:stylelint-config-standard@36.0.1
# proof: color-hex-length
mkdir styles
printf '{ "name": "theme", "private": true, "devDependencies": { "stylelint": "^16.9.0", "stylelint-config-standard": "^36.0.1" } }\n' >package.json
printf '{ "extends": "stylelint-config-standard" }\n' >.stylelintrc.json
printf 'a {\n  color: #ffffff;\n  COLOR: red;\n}\n\n.Box > .item { margin: 0px }\n' >styles/box.css
#%% step
npx stylelint "styles/*.css"
