# class: security-scan-failure
# tool: license-checker
# ecosystem: node
# step: License check
# needs: npm:license-checker@25.0.1
# proof: Found license defined by the --failOn flag: "GPL-3.0". Exiting.
mkdir -p node_modules/ais-decoder node_modules/ms
echo '{"name": "tide-gateway", "version": "3.0.2", "license": "MIT", "dependencies": {"ais-decoder": "2.0.0", "ms": "2.1.3"}}' >package.json
echo '{"name": "ais-decoder", "version": "2.0.0", "license": "GPL-3.0"}' >node_modules/ais-decoder/package.json
echo '{"name": "ms", "version": "2.1.3", "license": "MIT"}' >node_modules/ms/package.json
#%% step
license-checker --production --failOn 'GPL-3.0;AGPL-3.0'
