# class: network-error
# tool: wget
# ecosystem: ci
# step: Download test data
# needs: apt:wget
# proof: ERROR 502: Bad Gateway.
cat >../store.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Store(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(502, "Bad Gateway")
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18114), Store).serve_forever()
END
timeout 60 python3 ../store.py >/dev/null 2>&1 &
sleep 1
#%% step
wget --tries=2 --progress=dot:mega http://127.0.0.1:18114/fixtures/ais-2024-05.parquet
