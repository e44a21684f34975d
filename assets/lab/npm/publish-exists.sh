# class: deployment-failure
# tool: npm
# ecosystem: node
# step: Release
# needs: npm:npm@10.9.2
# proof: You cannot publish over the previously published versions: 1.8.0.
cat >../registry.py <<'END'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry(BaseHTTPRequestHandler):
    def answer(self, status, body):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(404, {"error": "Not found"})

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(403, {"error": "You cannot publish over the previously published versions: 1.8.0."})


ThreadingHTTPServer(("127.0.0.1", 18090), Registry).serve_forever()
END
timeout 60 python3 ../registry.py >/dev/null 2>&1 &
sleep 1
cat >.npmrc <<'END'
registry=http://127.0.0.1:18090/
//127.0.0.1:18090/:_authToken=publisher
END
cat >package.json <<'END'
{"name": "tide-tables", "version": "1.8.0", "main": "index.js", "license": "MIT", "scripts": {"prepublishOnly": "node --check index.js"}}
END
echo 'exports.tides = () => []' >index.js
#%% step
npm publish
