# class: security-scan-failure
# tool: license-checker
# ecosystem: node
# step: Licence gate
# needs: npm:license-checker@25.0.1
# proof: Found license defined by the --failOn flag: "GPL-3.0". Exiting.
printf '{ "name": "invoice-api", "version": "2.0.0", "license": "MIT", "dependencies": { "pdf-stamp": "1.0.0" } }\n' >package.json
mkdir -p node_modules/pdf-stamp
printf '{ "name": "pdf-stamp", "version": "1.0.0", "license": "GPL-3.0" }\n' >node_modules/pdf-stamp/package.json
#%% step
license-checker --production --failOn "GPL-3.0"
