# class: configuration-error
# tool: tsc
# ecosystem: node
# step: Compile
# needs: npm:typescript@5.6.3
# proof: error TS5025: Unknown compiler option 'moduleDetect'
# proof: error TS6046: Argument for '--target' option must be
mkdir src
printf '{ "compilerOptions": { "target": "es2030", "moduleDetect": "force" }, "include": ["src"] }\n' >tsconfig.json
printf 'export const limit = 12;\n' >src/limit.ts
#%% step
tsc --build
