# class: dependency-error
# tool: webpack
# ecosystem: node
# step: Bundle
# needs: npm:webpack@5.95.0 npm:webpack-cli@5.1.4
# proof: Module not found: Error: Can't resolve 'date-fns'
mkdir src
printf '{ "name": "timeline-ui", "version": "4.0.1", "private": true, "scripts": { "build": "webpack --mode production" }, "devDependencies": { "webpack": "^5.95.0", "webpack-cli": "^5.1.4" } }\n' >package.json
cat >src/index.js <<'END'
import { formatDistance } from "date-fns";

export function age(then, now) {
  return formatDistance(then, now);
}
END
#%% step
npm run build
