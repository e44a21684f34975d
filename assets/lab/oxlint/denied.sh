# class: build-failure
# tool: oxlint
# ecosystem: node
# step: Lint
# needs: npm:oxlint@0.9.10
# proof: eslint(no-debugger)
mkdir src
printf 'export function total(rows) {\n  debugger;\n  return rows.length;\n}\n' >src/total.js
#%% step
oxlint --deny-warnings src
