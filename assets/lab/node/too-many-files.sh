# class: resource-exhaustion
# tool: node
# ecosystem: node
# step: Index fixtures
# needs: apt:nodejs
# proof: EMFILE: too many open files
mkdir fixtures
for number in $(seq 1 300); do echo "$number" >"fixtures/$number.json"; done
cat >index.mjs <<'END'
import { open, readdir } from "node:fs/promises";

const names = await readdir("fixtures");
const files = await Promise.all(names.map((name) => open(`fixtures/${name}`)));
console.log(`${files.length} fixtures`);
END
#%% step
ulimit -n 128
node index.mjs
