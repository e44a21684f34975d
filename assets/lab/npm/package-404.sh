# class: dependency-error
# tool: npm
# ecosystem: node
# step: Install
# needs: npm:npm@10.9.2
# proof: npm error code E404
# proof: is not in this registry.
cat >../registry.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"error":"not_found","reason":"document not found"}'
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18087), Registry).serve_forever()
END
timeout 60 python3 ../registry.py >/dev/null 2>&1 &
sleep 1
echo '@harbor-ui:registry=http://127.0.0.1:18087/' >.npmrc
cat >package.json <<'END'
{
  "name": "berth-board",
  "version": "0.3.0",
  "private": true,
  "dependencies": {"@harbor-ui/date-range": "^3.0.0"}
}
END
#%% step
npm install --no-audit --no-fund
