# class: build-failure
# tool: webpack
# ecosystem: node
# step: Build assets
# needs: npm:webpack@5.95.0 npm:webpack-cli@5.1.4
# proof: Module parse failed: Unexpected token (4:9)
mkdir src
printf '{ "name": "timeline-ui", "version": "4.0.1", "private": true, "devDependencies": { "webpack": "^5.95.0", "webpack-cli": "^5.1.4" } }\n' >package.json
cat >src/index.js <<'END'
import { render } from "./render.js";

export function Row({ title }) {
  return <li className="row">{render(title)}</li>;
}
END
printf 'export const render = (title) => title.trim();\n' >src/render.js
#%% step
npx webpack --mode production
