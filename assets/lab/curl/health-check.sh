# class: deployment-failure
# tool: curl
# ecosystem: cloud
# step: Wait for rollout
# needs: apt:curl
# proof: berth-api 4.1.0 did not become healthy, rolling back
cat >../api.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"status":"starting","release":"4.1.0","checks":{"db":"ok","cache":"down"}}\n'
        self.send_response(503, "Service Unavailable")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18112), Api).serve_forever()
END
timeout 60 python3 ../api.py >/dev/null 2>&1 &
sleep 1
#%% step
for try in 1 2 3 4; do
    status=$(curl -s -o health.json -w '%{http_code}' http://127.0.0.1:18112/healthz)
    echo "try $try: HTTP $status $(cat health.json)"
    [ "$status" = 200 ] && exit 0
    sleep 1
done
echo "berth-api 4.1.0 did not become healthy, rolling back"
exit 1
