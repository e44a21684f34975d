# class: build-failure
# tool: vite
# ecosystem: node
# step: Build site
# needs: npm:vite@5.4.8
# proof: Could not resolve "./panels/Usage.js" from "src/main.js"
mkdir src
printf '{ "name": "usage-board", "private": true, "type": "module", "scripts": { "build": "vite build" }, "devDependencies": { "vite": "^5.4.8" } }\n' >package.json
printf '<!doctype html>\n<html><head><title>Usage</title></head><body><script type="module" src="/src/main.js"></script></body></html>\n' >index.html
printf 'import { usage } from "./panels/Usage.js";\ndocument.body.append(usage());\n' >src/main.js
#%% step
npm run build
