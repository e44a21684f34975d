# class: dependency-error
# tool: yarn
# ecosystem: node
# step: yarn install
# needs: npm:yarn@1.22.22
# proof: error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.
cat >package.json <<'END'
{"name": "seat-map", "version": "4.0.0", "license": "UNLICENSED", "dependencies": {"ms": "2.1.2"}}
END
yarn install --silent --non-interactive
sed -i 's/2.1.2/2.1.3/' package.json
rm -rf node_modules
#%% step
yarn install --frozen-lockfile --non-interactive
