# class: build-failure
# tool: jshint
# ecosystem: node
# step: Lint
# needs: npm:jshint@2.13.6
# proof: Missing semicolon.
printf '{ "esversion": 9, "undef": true, "unused": true }\n' >.jshintrc
printf 'var total = 0\nfunction add(n) {\n  total += n;\n  return sum;\n}\n' >cart.js
#%% step
jshint cart.js
