# class: dependency-error
# tool: ansible-galaxy
# ecosystem: cloud
# step: Install collections
# needs: pip:ansible-core==2.19.4
# proof: Failed to resolve the requested dependencies map.
# proof: * harbor.deploy:>=3.0.0
cat >../galaxy.py <<'END'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Galaxy(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.rstrip("/") in ("/api", ""):
            body = {"available_versions": {"v3": "v3/"}}
        elif "/versions" in self.path:
            body = {"meta": {"count": 1}, "links": {"next": None}, "data": [{"version": "2.1.0"}]}
        else:
            body = {"namespace": "harbor", "name": "deploy", "updated_at": "2024-05-02T10:00:00Z", "created_at": "2024-01-02T10:00:00Z"}
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18099), Galaxy).serve_forever()
END
timeout 60 python3 ../galaxy.py >/dev/null 2>&1 &
sleep 1
cat >requirements.yml <<'END'
collections:
  - name: harbor.deploy
    version: ">=3.0.0"
END
#%% step
ansible-galaxy collection install -r requirements.yml -s http://127.0.0.1:18099 --no-cache
