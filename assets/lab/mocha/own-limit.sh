# class: test-failure
# tool: mocha
# ecosystem: node
# step: Test
# needs: npm:mocha@10.7.3
# proof: Error: Timeout of 500ms exceeded. For async tests and hooks, ensure "done()" is called
mkdir test
printf '{ "name": "doorbell", "private": true, "scripts": { "test": "mocha --timeout 500" }, "devDependencies": { "mocha": "^10.7.3" } }\n' >package.json
cat >test/ring.test.js <<'END'
const { EventEmitter } = require("node:events");
const assert = require("node:assert");

describe("doorbell", () => {
  it("counts presses", () => {
    const bell = new EventEmitter();
    let presses = 0;
    bell.on("press", () => presses++);
    bell.emit("press");
    assert.equal(presses, 1);
  });

  it("rings twice for parcels", (done) => {
    const bell = new EventEmitter();
    bell.once("parcel", done);
    bell.emit("press");
  });
});
END
#%% step
npm test
