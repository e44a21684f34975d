# class: permission-error
# tool: npm
# ecosystem: node
# step: Install as build user
# needs: npm:npm@10.9.2
# user: nobody
# proof: npm error code EACCES
# proof: Your cache folder contains root-owned files
cat >package.json <<'END'
{"name": "menu-board", "version": "2.2.0", "private": true, "dependencies": {"nanoid": "5.0.7"}}
END
mkdir -p /tmp/lab-npm-cache/_cacache
chown -R 0 /tmp/lab-npm-cache
echo 'cache=/tmp/lab-npm-cache' >.npmrc
#%% step
npm install --no-audit --no-fund
