# class: dependency-error
# tool: git-lfs
# ecosystem: ci
# step: Pull large files
# needs: apt:git apt:git-lfs
# proof: Object does not exist on the server
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
cat >../lfs.py <<'END'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Lfs(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        missing = {"code": 404, "message": "Object does not exist on the server"}
        body = json.dumps({"objects": [dict(entry, error=missing) for entry in asked["objects"]]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.git-lfs+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18103), Lfs).serve_forever()
END
timeout 60 python3 ../lfs.py >/dev/null 2>&1 &
git init -q -b main .
git remote add origin http://127.0.0.1:18103/harbor/models.git
git config lfs.locksverify false
echo '*.onnx filter=lfs diff=lfs merge=lfs -text' >.gitattributes
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1048613\n' a91c0a5d9e8b7c6a5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b77 >berth.onnx
git add . && git commit -qm 'Model'
git lfs install --local --skip-smudge >/dev/null
#%% step
git lfs pull
