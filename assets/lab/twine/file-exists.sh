# class: deployment-failure
# tool: twine
# ecosystem: python
# step: Publish to package index
# needs: pip:twine==6.2.0
# proof: File already exists ('tidecalc-1.6.0-py3-none-any.whl'
cat >../index.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Index(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400, "File already exists ('tidecalc-1.6.0-py3-none-any.whl', with blake2_256 hash '41d0c7a2').")
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18149), Index).serve_forever()
END
timeout 60 python3 ../index.py >/dev/null 2>&1 &
mkdir dist
python3 - <<'END'
import zipfile
with zipfile.ZipFile("dist/tidecalc-1.6.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tidecalc/__init__.py", "")
    wheel.writestr("tidecalc-1.6.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tidecalc\nVersion: 1.6.0\n")
    wheel.writestr("tidecalc-1.6.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("tidecalc-1.6.0.dist-info/RECORD", "")
END
sleep 1
#%% step
twine upload --non-interactive --disable-progress-bar --repository-url http://127.0.0.1:18149/legacy/ -u __token__ -p ci-token dist/*
