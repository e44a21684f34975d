# class: permission-error
# tool: pip
# ecosystem: python
# step: Install private packages
# needs: pip:pip==25.3
# proof: ERROR: HTTP error 403 while getting
# proof: 403 Client Error: Forbidden for url
cat >../index.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b'<a href="../../files/rate_limiter_core-2.0.4-py3-none-any.whl">rate_limiter_core-2.0.4-py3-none-any.whl</a>'


class Index(BaseHTTPRequestHandler):
    def do_GET(self):
        allowed = self.path.startswith("/simple/")
        self.send_response(200 if allowed else 403)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE) if allowed else 0))
        self.end_headers()
        if allowed:
            self.wfile.write(PAGE)


ThreadingHTTPServer(("127.0.0.1", 18086), Index).serve_forever()
END
timeout 60 python3 ../index.py >/dev/null 2>&1 &
sleep 1
cat >requirements.txt <<'END'
--index-url http://ci-reader:2f6c@127.0.0.1:18086/simple/
rate-limiter-core==2.0.4
END
#%% step
pip install --no-input -r requirements.txt
