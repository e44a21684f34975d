# class: dependency-error
# tool: yarn-berry
# ecosystem: node
# step: Install with Yarn
# needs: npm:@yarnpkg/cli-dist@4.10.3
# proof: The lockfile would have been modified by this install, which is explicitly forbidden.
cat >package.json <<'END'
{"name": "fare-engine", "version": "0.1.0", "private": true, "dependencies": {"ms": "2.1.2"}}
END
printf 'nodeLinker: node-modules\nenableTelemetry: false\n' >.yarnrc.yml
touch yarn.lock
CI=false yarn install
sed -i 's/2.1.2/2.1.3/' package.json
#%% step
yarn install --immutable
