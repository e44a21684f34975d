# class: network-error
# tool: node-fetch
# ecosystem: node
# step: Download translations
# needs: apt:nodejs
# proof: connect ECONNREFUSED 127.0.0.1:8937
printf 'import { writeFile } from "node:fs/promises";\n\nconst answer = await fetch("http://127.0.0.1:8937/v2/translations?lang=de");\nawait writeFile("de.json", await answer.text());\n' >translations.mjs
#%% step
node translations.mjs
