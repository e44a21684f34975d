# class: dependency-error
# tool: skopeo
# ecosystem: containers
# step: Mirror base image
# needs: apt:skopeo
# proof: manifest unknown
cat >../registry.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UNKNOWN = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"12.9-slim"}}]}'


class Registry(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"{}" if self.path == "/v2/" else UNKNOWN
        self.send_response(200 if self.path == "/v2/" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18141), Registry).serve_forever()
END
timeout 90 python3 ../registry.py >/dev/null 2>&1 &
sleep 1
#%% step
skopeo copy --insecure-policy --src-tls-verify=false docker://127.0.0.1:18141/base/debian:12.9-slim dir:mirror
