# class: dependency-error
# tool: bun
# ecosystem: node
# step: bun install
# needs: npm:bun@1.3.1
# proof: error: lockfile had changes, but lockfile is frozen
cat >package.json <<'END'
{"name": "emoji-picker", "version": "2.0.0", "private": true, "dependencies": {"ms": "2.1.2"}}
END
bun install
sed -i 's/2.1.2/2.1.3/' package.json
#%% step
bun install --frozen-lockfile
