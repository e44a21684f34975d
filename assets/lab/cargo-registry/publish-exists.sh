# class: deployment-failure
# tool: cargo
# ecosystem: rust
# step: Publish crate
# needs: apt:cargo
# proof: crate version `0.7.3` is already uploaded
mkdir -p src .cargo ../index/te/le
cat >../index.py <<'END'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry(BaseHTTPRequestHandler):
    def answer(self, status, body):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/index/config.json":
            self.answer(200, {"dl": "http://127.0.0.1:18091/dl", "api": "http://127.0.0.1:18091"})
        else:
            self.answer(404, {})

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, {"errors": [{"detail": "crate version `0.7.3` is already uploaded"}]})


ThreadingHTTPServer(("127.0.0.1", 18091), Registry).serve_forever()
END
timeout 60 python3 ../index.py >/dev/null 2>&1 &
sleep 1
printf '[registries.fleet]\nindex = "sparse+http://127.0.0.1:18091/index/"\n' >.cargo/config.toml
cat >Cargo.toml <<'END'
[package]
name = "telemetry-frame"
version = "0.7.3"
edition = "2021"
description = "Frames of the fleet's telemetry"
license = "MIT"
END
echo 'pub const MAGIC: u32 = 0x7E1E;' >src/lib.rs
git init -q .
git add -A
git -c user.name=ci -c user.email=ci@example.com commit -qm 'Release 0.7.3'
#%% step
cargo publish --registry fleet --token ci-token
