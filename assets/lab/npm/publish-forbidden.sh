# class: permission-error
# tool: npm
# ecosystem: node
# step: Publish to registry
# needs: npm:npm@10.9.2
# proof: npm error code E403
# proof: You do not have permission to publish
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
        self.answer(403, {"error": 'You do not have permission to publish "@quay/crane-client". Are you logged in as the correct user?'})


ThreadingHTTPServer(("127.0.0.1", 18089), Registry).serve_forever()
END
timeout 60 python3 ../registry.py >/dev/null 2>&1 &
sleep 1
cat >.npmrc <<'END'
registry=http://127.0.0.1:18089/
//127.0.0.1:18089/:_authToken=read-only
END
cat >package.json <<'END'
{"name": "@quay/crane-client", "version": "2.3.1", "main": "index.js", "license": "MIT", "files": ["index.js"]}
END
echo 'module.exports = {}' >index.js
#%% step
npm publish --access public
