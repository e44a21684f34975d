# class: network-error
# tool: npm-audit
# ecosystem: node
# step: Audit
# needs: apt:nodejs
# proof: ECONNREFUSED
printf '{ "name": "invoice-api", "version": "2.0.0", "lockfileVersion": 3, "packages": { "": { "name": "invoice-api", "version": "2.0.0", "dependencies": { "minimist": "1.2.0" } }, "node_modules/minimist": { "version": "1.2.0" } } }\n' >package-lock.json
printf '{ "name": "invoice-api", "version": "2.0.0", "dependencies": { "minimist": "1.2.0" } }\n' >package.json
printf 'registry=http://127.0.0.1:4873/\nfetch-retries=1\nfetch-retry-mintimeout=100\n' >.npmrc
#%% step
npm audit --audit-level=high
