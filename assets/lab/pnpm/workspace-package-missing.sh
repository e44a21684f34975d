# class: dependency-error
# tool: pnpm
# ecosystem: node
# step: Install workspace
# needs: npm:pnpm@9.15.9
# proof: ERR_PNPM_WORKSPACE_PKG_NOT_FOUND
mkdir -p packages/api packages/web
printf 'packages:\n  - "packages/*"\n' >pnpm-workspace.yaml
echo '{"name": "monorail", "private": true, "version": "0.0.0"}' >package.json
echo '{"name": "@monorail/api", "version": "1.0.0", "dependencies": {"@monorail/schema": "workspace:*"}}' >packages/api/package.json
echo '{"name": "@monorail/web", "version": "1.0.0"}' >packages/web/package.json
#%% step
pnpm install --no-frozen-lockfile
