# class: permission-error
# tool: httpie
# ecosystem: ci
# step: Trigger deployment
# needs: pip:httpie==3.2.4
# proof: HTTP/1.1 401 Unauthorized
# proof: token expired or revoked
cat >../api.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"error": "invalid_token", "message": "token expired or revoked"}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18115), Api).serve_forever()
END
timeout 60 python3 ../api.py >/dev/null 2>&1 &
sleep 1
#%% step
http --check-status --print=hb --ignore-stdin POST 127.0.0.1:18115/v1/deployments "Authorization:Bearer $DEPLOY_TOKEN" service=berth-api ref=4.1.0
