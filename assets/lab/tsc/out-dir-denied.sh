# class: permission-error
# tool: tsc
# ecosystem: node
# step: Build
# needs: npm:typescript@5.6.3
# user: nobody
# proof: EACCES: permission denied, open '
mkdir src dist
printf '{ "compilerOptions": { "target": "es2022", "module": "es2022", "outDir": "dist" }, "include": ["src"] }\n' >tsconfig.json
printf 'export const limit: number = 12;\n' >src/limit.ts
chmod 555 dist
#%% step
tsc -p .
