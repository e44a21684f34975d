# class: network-error
# tool: curl
# ecosystem: ci
# step: Fetch build cache
# needs: apt:curl apt:openssl
# proof: curl: (60) SSL certificate problem: self-signed certificate
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=cache.harbor.example -keyout ../key.pem -out ../cert.pem
cat >../tls.py <<'END'
import http.server
import ssl

server = http.server.ThreadingHTTPServer(("127.0.0.1", 18110), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("../cert.pem", "../key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
END
timeout 60 python3 ../tls.py >/dev/null 2>&1 &
sleep 1
#%% step
curl -fsSLO https://127.0.0.1:18110/cache/toolchain.tar.zst
