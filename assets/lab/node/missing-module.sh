# class: dependency-error
# tool: node
# ecosystem: node
# step: Smoke test
# needs: apt:nodejs
# proof: Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'fastify' imported from
printf '{ "name": "signup-api", "type": "module", "dependencies": { "fastify": "^4.28.0" } }\n' >package.json
printf 'import Fastify from "fastify";\n\nconst app = Fastify();\nawait app.ready();\n' >server.js
#%% step
node server.js
