# class: configuration-error
# tool: jest
# ecosystem: node
# step: Unit tests
# needs: npm:jest@29.7.0
# proof: Module <rootDir>/test/setup.js in the setupFiles option was not found.
printf '{ "name": "catalog-search", "private": true, "devDependencies": { "jest": "^29.7.0" }, "jest": { "setupFiles": ["<rootDir>/test/setup.js"] } }\n' >package.json
printf 'test("adds", () => expect(1 + 1).toBe(2));\n' >add.test.js
#%% step
npx jest --ci
