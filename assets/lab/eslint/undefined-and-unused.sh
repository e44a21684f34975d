# class: build-failure
# tool: eslint
# ecosystem: node
# step: Lint
# needs: npm:eslint@9.24.0 npm:@eslint/js@9.24.0
# proof: 'renderRow' is not defined
# proof: no-undef
cat >package.json <<'END'
{
  "name": "price-table",
  "version": "3.1.0",
  "type": "module",
  "scripts": { "lint": "eslint src" },
  "devDependencies": { "@eslint/js": "^9.24.0", "eslint": "^9.24.0" }
}
END
cat >eslint.config.js <<'END'
import js from "@eslint/js";

export default [js.configs.recommended, { languageOptions: { globals: { document: "readonly" } } }];
END
mkdir src
cat >src/table.js <<'END'
const currencies = ["EUR", "USD"];

export function draw(rows) {
  const body = document.createElement("tbody");
  for (const row of rows) {
    body.append(renderRow(row));
  }
  return body;
}
END
#%% step
npm run lint
