# class: permission-error
# tool: s3cmd
# ecosystem: cloud
# step: Publish downloads
# needs: apt:s3cmd
# proof: ERROR: S3 error: 403 (InvalidAccessKeyId)
cat >../s3.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DENIED = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>'


class Store(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(DENIED)))
        self.end_headers()
        self.wfile.write(DENIED)

    do_PUT = do_GET


ThreadingHTTPServer(("127.0.0.1", 18162), Store).serve_forever()
END
timeout 60 python3 ../s3.py >/dev/null 2>&1 &
head -c 2000 /dev/urandom >berthd.deb
sleep 1
#%% step
s3cmd --access_key=AKIAOLD --secret_key=old --no-ssl --host=127.0.0.1:18162 --host-bucket=127.0.0.1:18162 put berthd.deb s3://harbor-downloads/berthd.deb
