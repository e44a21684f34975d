# class: permission-error
# tool: curl
# ecosystem: ci
# step: Upload artifact
# needs: apt:curl
# proof: curl: (22) The requested URL returned error: 403
cat >../store.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Store(BaseHTTPRequestHandler):
    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"errors":[{"status":403,"message":"Not enough permissions to deploy to releases-local"}]}\n'
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18113), Store).serve_forever()
END
timeout 60 python3 ../store.py >/dev/null 2>&1 &
sleep 1
head -c 4096 /dev/urandom >berth-agent-1.4.0.tgz
#%% step
curl --fail --silent --show-error --user ci:token -T berth-agent-1.4.0.tgz http://127.0.0.1:18113/artifactory/releases-local/
