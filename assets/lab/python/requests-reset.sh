# class: network-error
# tool: python-requests
# ecosystem: python
# step: Fetch tide predictions
# needs: pip:requests==2.32.5
# proof: requests.exceptions.ConnectionError
# proof: Connection reset by peer
cat >../reset.py <<'END'
import socket
import struct

listener = socket.create_server(("127.0.0.1", 18178))
while True:
    client, _ = listener.accept()
    client.recv(1024)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
END
timeout 60 python3 ../reset.py >/dev/null 2>&1 &
cat >fetch.py <<'END'
import requests

for harbor in (17, 18):
    answer = requests.get(f"http://127.0.0.1:18178/predictions/{harbor}.json", timeout=5)
    answer.raise_for_status()
    print(harbor, len(answer.json()))
END
sleep 1
#%% step
python fetch.py
