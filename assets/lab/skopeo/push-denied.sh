# class: permission-error
# tool: skopeo
# ecosystem: containers
# step: Copy image to registry
# needs: apt:skopeo
# proof: blobs/uploads/ in 127.0.0.1:18140: denied
cat >../registry.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DENIED = b'{"errors":[{"code":"DENIED","message":"requested access to the resource is denied","detail":null}]}'


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Docker-Distribution-API-Version", "registry/2.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        self.answer(200 if self.path == "/v2/" else 404, b"{}")

    def do_POST(self):
        self.answer(403, DENIED)

    do_HEAD = do_GET


ThreadingHTTPServer(("127.0.0.1", 18140), Registry).serve_forever()
END
timeout 90 python3 ../registry.py >/dev/null 2>&1 &
mkdir -p image/blobs/sha256
python3 - <<'END'
import gzip, hashlib, io, json, pathlib, tarfile
def blob(data):
    digest = hashlib.sha256(data).hexdigest()
    pathlib.Path("image/blobs/sha256", digest).write_bytes(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}
tar = io.BytesIO()
tarfile.open(fileobj=tar, mode="w").close()
layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **blob(gzip.compress(tar.getvalue(), mtime=0))}
config = {"mediaType": "application/vnd.oci.image.config.v1+json", **blob(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar.getvalue()).hexdigest()]}}).encode())}
manifest = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **blob(json.dumps({"schemaVersion": 2, "config": config, "layers": [layer]}).encode())}
manifest["annotations"] = {"org.opencontainers.image.ref.name": "4.1.0"}
pathlib.Path("image/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
pathlib.Path("image/oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
END
sleep 1
#%% step
skopeo copy --insecure-policy --dest-tls-verify=false oci:image:4.1.0 docker://127.0.0.1:18140/harbor/berth-api:4.1.0
