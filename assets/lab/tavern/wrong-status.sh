# class: test-failure
# tool: tavern
# ecosystem: python
# step: API contract tests
# needs: pip:tavern==2.15.0
# proof: tavern._core.exceptions.TestFailError: Test 'a closed harbor is not found' failed
# proof: Status code was 200, expected 404
cat >../api.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


ThreadingHTTPServer(("127.0.0.1", 18170), Api).serve_forever()
END
timeout 90 python3 ../api.py >/dev/null 2>&1 &
cat >test_harbors.tavern.yaml <<'END'
test_name: Harbors
stages:
  - name: an open harbor
    request: {url: "http://127.0.0.1:18170/harbors/17"}
    response: {status_code: 200}
  - name: a closed harbor is not found
    request: {url: "http://127.0.0.1:18170/harbors/3"}
    response: {status_code: 404}
END
#%% step
pytest -q --tb=short test_harbors.tavern.yaml
