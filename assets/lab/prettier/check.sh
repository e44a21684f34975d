# class: build-failure
# tool: prettier
# ecosystem: node
# step: Check format
# needs: npm:prettier@3.3.3
# proof: Code style issues found in 2 files. Run Prettier with --write to fix.
mkdir src
printf 'export const a=1\n' >src/a.js
printf 'export  function b( ){ return "b" }\n' >src/b.js
printf 'export const c = 3;\n' >src/c.js
#%% step
prettier --check src
