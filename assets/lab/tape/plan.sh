# class: test-failure
# tool: tape
# ecosystem: node
# step: Test
# needs: npm:tape@5.9.0
# proof: not ok 3 plan != count
mkdir test
printf '{ "name": "splitter", "private": true, "devDependencies": { "tape": "^5.9.0" } }\n' >package.json
cat >test/split.js <<'END'
const test = require("tape");

test("split", (t) => {
  t.plan(3);
  "a;b".split(";").forEach((part) => t.equal(part.length, 1));
  setTimeout(() => t.end(), 10);
});
END
#%% step
npx tape test/*.js
