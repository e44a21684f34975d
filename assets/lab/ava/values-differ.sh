# class: test-failure
# tool: ava
# ecosystem: node
# step: Test
# needs: npm:ava@6.1.3
# proof: Difference (- actual, + expected):
printf '{ "name": "ratings", "private": true, "type": "module", "scripts": { "test": "ava" }, "devDependencies": { "ava": "^6.1.3" } }\n' >package.json
printf 'export const stars = (votes) => votes.reduce((sum, vote) => sum + vote, 0) / votes.length;\n' >stars.js
cat >test.js <<'END'
import test from "ava";
import { stars } from "./stars.js";

test("the mean of votes", (t) => {
  t.is(stars([4, 5]), 4.5);
});

test("no votes are no stars", (t) => {
  t.deepEqual({ stars: stars([]) }, { stars: 0 });
});
END
#%% step
npm test
