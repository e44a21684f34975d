# class: dependency-error
# tool: yarn
# ecosystem: node
# step: Install dependencies
# needs: npm:yarn@1.22.22
# proof: error Couldn't find any versions for "nanoid" that matches "^9.4.0"
cat >package.json <<'END'
{"name": "link-shortener", "version": "1.1.0", "license": "MIT", "dependencies": {"nanoid": "^9.4.0"}}
END
#%% step
yarn install --non-interactive
