# class: dependency-error
# tool: npm
# ecosystem: node
# step: npm ci
# needs: npm:npm@10.9.2
# proof: `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync
# proof: from lock file
cat >package.json <<'END'
{
  "name": "label-printer",
  "version": "1.0.7",
  "private": true,
  "dependencies": {"nanoid": "5.0.7"}
}
END
npm install --package-lock-only --no-audit --no-fund
sed -i 's/"nanoid": "5.0.7"/"nanoid": "5.0.9", "ms": "2.1.3"/' package.json
#%% step
npm ci
