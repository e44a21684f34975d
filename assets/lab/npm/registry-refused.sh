# class: network-error
# tool: npm
# ecosystem: node
# step: Install dependencies
# needs: npm:npm@10.9.2
# proof: npm error code ECONNREFUSED
# proof: connect ECONNREFUSED 127.0.0.1:18088
cat >.npmrc <<'END'
registry=http://127.0.0.1:18088/
fetch-retries=1
fetch-retry-mintimeout=200
END
cat >package.json <<'END'
{"name": "queue-dash", "version": "1.4.2", "private": true, "dependencies": {"bullmq": "^5.12.0"}}
END
#%% step
npm install
