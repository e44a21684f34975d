# class: security-scan-failure
# tool: retire
# ecosystem: node
# step: Retire.js
# needs: npm:retire@5.2.7
# proof: has known vulnerabilities
mkdir -p public/vendor
printf '/*! mapkit-lite v1.4.2 */\n(function () { window.mapkit = { version: "1.4.2" }; })();\n' >public/vendor/mapkit-lite-1.4.2.js
cat >advisories.json <<'END'
{"mapkit-lite": {
  "vulnerabilities": [{"below": "1.5.0", "severity": "high", "identifiers": {"summary": "Script injection through popup titles", "CVE": ["CVE-2024-99917"]}, "info": ["https://advisories.example/mapkit-lite"], "cwe": ["CWE-79"]}],
  "extractors": {"filename": ["mapkit-lite-(§§version§§)(.min)?\\.js"], "filecontent": ["mapkit-lite v(§§version§§)"]}
}}
END
#%% step
retire --path public --jsrepo advisories.json --severity medium --outputformat text
