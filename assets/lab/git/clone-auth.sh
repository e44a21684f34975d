# class: permission-error
# tool: git
# ecosystem: ci
# step: Clone private templates
# needs: apt:git
# proof: fatal: Authentication failed for
cat >../forge.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Forge(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="Forge"')
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18101), Forge).serve_forever()
END
timeout 60 python3 ../forge.py >/dev/null 2>&1 &
sleep 1
#%% step
git clone --depth 1 http://x-access-token:revoked@127.0.0.1:18101/harbor/pipeline-templates.git
