# class: test-failure
# tool: newman
# ecosystem: node
# step: Run Postman collection
# needs: npm:newman@6.2.1
# proof: AssertionError
cat >../api.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"tariff": "B", "amount": 118.5, "currency": "EUR"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18117), Api).serve_forever()
END
timeout 60 python3 ../api.py >/dev/null 2>&1 &
sleep 1
cat >tariffs.postman_collection.json <<'END'
{
  "info": {"name": "tariffs", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
  "item": [
    {
      "name": "tariff of a small ship",
      "request": {"method": "GET", "url": "http://127.0.0.1:18117/tariffs/small"},
      "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": [
        "pm.test('answers 200', () => pm.response.to.have.status(200));",
        "pm.test('amount with the summer discount', () => pm.expect(pm.response.json().amount).to.eql(106.65));",
        "pm.test('has a currency', () => pm.expect(pm.response.json().currency).to.eql('EUR'));"
      ]}}]
    }
  ]
}
END
#%% step
newman run tariffs.postman_collection.json --color off --timeout-request 5000
