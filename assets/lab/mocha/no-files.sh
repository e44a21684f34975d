# class: configuration-error
# tool: mocha
# ecosystem: node
# step: Integration tests
# needs: npm:mocha@10.7.3
# proof: Error: No test files found: "test/integration/**/*.spec.js"
mkdir test
printf '{ "name": "doorbell", "private": true, "devDependencies": { "mocha": "^10.7.3" } }\n' >package.json
printf 'it("rings", () => {});\n' >test/ring.spec.js
#%% step
npx mocha 'test/integration/**/*.spec.js'
