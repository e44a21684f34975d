# class: network-error
# tool: git-lfs
# ecosystem: ci
# step: Fetch LFS objects
# needs: apt:git apt:git-lfs
# proof: batch response: Fatal error: Server error
# proof: HTTP 502
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
cat >../lfs.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Lfs(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(502, "Bad Gateway")
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18102), Lfs).serve_forever()
END
timeout 90 python3 ../lfs.py >/dev/null 2>&1 &
git init -q -b main .
git remote add origin http://127.0.0.1:18102/harbor/charts.git
git config lfs.locksverify false
echo '*.tif filter=lfs diff=lfs merge=lfs -text' >.gitattributes
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 734003\n' 6f1c0a5d9e8b7c6a5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c >chart-17.tif
git add . && git commit -qm 'Charts'
git lfs install --local --skip-smudge >/dev/null
#%% step
git lfs fetch origin main
git lfs checkout
