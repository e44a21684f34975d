# class: timeout
# tool: node-child-process
# ecosystem: node
# step: Render previews
# needs: apt:nodejs
# proof: Error: spawnSync sh ETIMEDOUT
printf 'import { execFileSync } from "node:child_process";\n\nconsole.log("rendering 40 previews");\nexecFileSync("sh", ["-c", "sleep 60"], { timeout: 14_000 });\n' >previews.mjs
#%% step
node previews.mjs
