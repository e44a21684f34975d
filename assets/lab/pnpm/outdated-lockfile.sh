# class: dependency-error
# tool: pnpm
# ecosystem: node
# step: pnpm install
# needs: npm:pnpm@9.15.9
# proof: ERR_PNPM_OUTDATED_LOCKFILE
cat >package.json <<'END'
{"name": "chart-kit", "version": "0.6.0", "private": true, "dependencies": {"ms": "2.1.2"}}
END
pnpm install --lockfile-only --no-frozen-lockfile
sed -i 's/"ms": "2.1.2"/"ms": "2.1.3", "nanoid": "5.0.7"/' package.json
#%% step
pnpm install --frozen-lockfile
