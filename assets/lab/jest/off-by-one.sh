# class: test-failure
# tool: jest
# ecosystem: node
# step: Unit tests
# needs: npm:jest@29.7.0
# proof: ● paginate › leaves the rest on the last page
cat >package.json <<'END'
{
  "name": "catalog-search",
  "version": "0.9.2",
  "scripts": { "test": "jest" },
  "devDependencies": { "jest": "^29.7.0" }
}
END
cat >paginate.js <<'END'
function pages(total, size) {
  return Math.floor(total / size);
}

function page(items, number, size) {
  return items.slice((number - 1) * size, number * size);
}

module.exports = { pages, page };
END
cat >paginate.test.js <<'END'
const { pages, page } = require("./paginate");

describe("paginate", () => {
  const items = ["a", "b", "c", "d", "e"];

  test("cuts the first page", () => {
    expect(page(items, 1, 2)).toEqual(["a", "b"]);
  });

  test("leaves the rest on the last page", () => {
    expect(page(items, pages(items.length, 2), 2)).toEqual(["e"]);
  });
});
END
#%% step
npm test
