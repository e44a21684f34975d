# class: build-failure
# tool: rollup
# ecosystem: node
# step: Bundle library
# needs: npm:rollup@4.24.0
# proof: RollupError: Expected ',', got ']'
mkdir src
printf '{ "name": "colour-scale", "private": true, "type": "module", "devDependencies": { "rollup": "^4.24.0" } }\n' >package.json
cat >src/index.js <<'END'
const stops = ["#002f61", "#f5f5f5", "#a12424"];

export function scale(share) {
  return stops[Math.round(share * (stops.length - 1)];
}
END
#%% step
npx rollup src/index.js --format esm --file dist/scale.js
