# class: permission-error
# tool: aws
# ecosystem: cloud
# step: Upload site to S3
# needs: pip:awscli==1.42.70
# proof: An error occurred (AccessDenied) when calling the PutObject operation
cat >../s3.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DENIED = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>User: arn:aws:sts::111122223333:assumed-role/site-publisher/ci is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::harbor-site/index.html" because no identity-based policy allows the s3:PutObject action</Message></Error>'


class Store(BaseHTTPRequestHandler):
    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(DENIED)))
        self.end_headers()
        self.wfile.write(DENIED)


ThreadingHTTPServer(("127.0.0.1", 18145), Store).serve_forever()
END
timeout 90 python3 ../s3.py >/dev/null 2>&1 &
mkdir public
echo '<h1>Harbor</h1>' >public/index.html
sleep 1
#%% step
export AWS_ACCESS_KEY_ID=ci AWS_SECRET_ACCESS_KEY=ci AWS_DEFAULT_REGION=eu-north-1 AWS_EC2_METADATA_DISABLED=true
aws s3 cp public/index.html s3://harbor-site/index.html --endpoint-url http://127.0.0.1:18145
