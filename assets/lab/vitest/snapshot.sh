# class: test-failure
# tool: vitest
# ecosystem: node
# step: Unit tests
# needs: npm:vitest@2.1.2
# proof: Error: Snapshot `summary > names the busiest hour 1` mismatched
mkdir -p test/__snapshots__
printf '{ "name": "footfall", "private": true, "type": "module", "scripts": { "test": "vitest run" }, "devDependencies": { "vitest": "^2.1.2" } }\n' >package.json
printf 'export const summary = (hours) => `busiest: ${hours.indexOf(Math.max(...hours))} h (${Math.max(...hours)})`;\n' >summary.js
cat >test/summary.test.js <<'END'
import { describe, expect, it } from "vitest";
import { summary } from "../summary.js";

describe("summary", () => {
  it("names the busiest hour", () => {
    expect(summary([3, 9, 4])).toMatchSnapshot();
  });

  it("takes the first of equal hours", () => {
    expect(summary([7, 7])).toContain("0 h");
  });
});
END
printf '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`summary > names the busiest hour 1`] = `"busiest: 1 h (9 people)"`;\n' >test/__snapshots__/summary.test.js.snap
#%% step
npm test
