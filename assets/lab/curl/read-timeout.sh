# class: network-error
# tool: curl
# ecosystem: ci
# step: Download schema
# needs: apt:curl
# proof: curl: (28) Operation timed out after
cat >../mute.py <<'END'
import socket
import time

listener = socket.create_server(("127.0.0.1", 18111))
held = []
while True:
    held.append(listener.accept())
    time.sleep(0.1)
END
timeout 60 python3 ../mute.py >/dev/null 2>&1 &
sleep 1
#%% step
curl -fsS --max-time 3 -o schema.json http://127.0.0.1:18111/schemas/v4/berth.json
