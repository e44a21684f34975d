# class: timeout
# tool: ava
# ecosystem: node
# step: Test
# needs: npm:ava@6.1.3
# proof: Timed out while running tests
printf '{ "name": "ratings", "private": true, "type": "module", "devDependencies": { "ava": "^6.1.3" } }\n' >package.json
cat >queue.test.js <<'END'
import test from "ava";

test("the queue drains", async (t) => {
  await new Promise((resolve) => setTimeout(resolve, 120_000));
  t.pass();
});
END
#%% step
npx ava --timeout=12s
