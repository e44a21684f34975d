# class: permission-error
# tool: twine
# ecosystem: python
# step: Upload wheels
# needs: pip:twine==6.2.0
# proof: HTTPError: 403 Forbidden from
# proof: 403 Invalid or non-existent authentication information.
cat >../index.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Index(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(403, "Invalid or non-existent authentication information.")
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18150), Index).serve_forever()
END
timeout 60 python3 ../index.py >/dev/null 2>&1 &
mkdir dist
python3 - <<'END'
import zipfile
with zipfile.ZipFile("dist/moorings-0.9.2-py3-none-any.whl", "w") as wheel:
    wheel.writestr("moorings/__init__.py", "")
    wheel.writestr("moorings-0.9.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: moorings\nVersion: 0.9.2\n")
    wheel.writestr("moorings-0.9.2.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("moorings-0.9.2.dist-info/RECORD", "")
END
sleep 1
#%% step
twine check dist/*
twine upload --non-interactive --verbose --disable-progress-bar --repository-url http://127.0.0.1:18150/legacy/ -u __token__ -p ci-token dist/*
