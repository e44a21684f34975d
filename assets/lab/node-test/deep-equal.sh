# class: test-failure
# tool: node-test
# ecosystem: node
# step: Test
# needs: apt:nodejs
# proof: ERR_ASSERTION
cat >cart.test.mjs <<'END'
import assert from "node:assert/strict";
import { test } from "node:test";

const merge = (lines) => [...new Map(lines.map((line) => [line.sku, line])).values()];

test("an empty cart stays empty", () => assert.deepEqual(merge([]), []));

test("same articles are added up", () => {
  assert.deepEqual(merge([{ sku: "A1", n: 1 }, { sku: "A1", n: 2 }]), [{ sku: "A1", n: 3 }]);
});
END
#%% step
node --test cart.test.mjs
