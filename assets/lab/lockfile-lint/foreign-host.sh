# class: security-scan-failure
# tool: lockfile-lint
# ecosystem: node
# step: Lockfile security check
# needs: npm:lockfile-lint@4.14.1
# proof: detected invalid host(s) for package: left-mast@1.3.0
cat >package-lock.json <<'END'
{
  "name": "tide-gateway", "version": "3.0.2", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "tide-gateway", "version": "3.0.2", "dependencies": {"left-mast": "1.3.0", "ms": "2.1.3"}},
    "node_modules/left-mast": {"version": "1.3.0", "resolved": "http://packages.drop.invalid/left-mast/-/left-mast-1.3.0.tgz"},
    "node_modules/ms": {"version": "2.1.3", "resolved": "https://registry.npmjs.org/ms/-/ms-2.1.3.tgz"}
  }
}
END
#%% step
lockfile-lint --path package-lock.json --type npm --allowed-hosts npm --validate-https
