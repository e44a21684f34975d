# class: network-error
# tool: git
# ecosystem: ci
# step: Checkout repository
# needs: apt:git
# proof: fatal: read error: Connection reset by peer
git config --global init.defaultBranch main
cat >../cut.py <<'END'
import socket
import time


def packet(text):
    return b"%04x%s" % (len(text) + 4, text)


commit = b"5b1c3f0e" * 5
listener = socket.create_server(("127.0.0.1", 18177))
while True:
    client, _ = listener.accept()
    client.recv(4096)
    client.sendall(packet(commit + b" HEAD\0side-band-64k\n") + packet(commit + b" refs/heads/main\n") + b"0000")
    client.recv(20)
    time.sleep(0.5)  # all that the client wants is written by then; unread, it makes the end a reset
    client.close()
END
timeout 60 python3 ../cut.py >/dev/null 2>&1 &
sleep 1
#%% step
git -c protocol.version=0 clone git://127.0.0.1:18177/harbor/charts.git charts
