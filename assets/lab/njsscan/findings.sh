# class: security-scan-failure
# tool: njsscan
# ecosystem: node
# step: SAST
# needs: pip:njsscan==0.4.3
# proof: User controlled data in 'child_process.exec()' can result in Remote OS Command Execution.
printf 'const express = require("express");\nconst { exec } = require("child_process");\nconst app = express();\n\napp.get("/ping", (req, res) => {\n  exec("ping -c 1 " + req.query.host, (error, out) => res.send(out));\n});\n' >server.js
#%% step
njsscan --exit-warning server.js
