# class: network-error
# tool: git
# ecosystem: ci
# step: Checkout repository
# needs: apt:git
# proof: fatal: read error: Connection reset by peer
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git init -q -b main ../origin
(cd ../origin && head -c 3000000 /dev/urandom >charts.bin && git add . && git commit -qm 'Charts')
cat >../cut.py <<'END'
import socket
import subprocess

listener = socket.create_server(("127.0.0.1", 18177))
while True:
    client, _ = listener.accept()
    client.recv(4096)
    packer = subprocess.Popen(["git", "upload-pack", "../origin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client.sendall(packer.stdout.read1(65536))
    client.recv(20)
    packer.kill()
    client.close()
END
timeout 60 python3 ../cut.py >/dev/null 2>&1 &
sleep 1
#%% step
git -c protocol.version=0 clone git://127.0.0.1:18177/harbor/charts.git charts
