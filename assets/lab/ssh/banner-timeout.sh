# class: network-error
# tool: ssh
# ecosystem: ci
# step: Check host
# needs: apt:openssh-client
# proof: Connection timed out during banner exchange
cat >../mute.py <<'END'
import socket
import time

listener = socket.create_server(("127.0.0.1", 18107))
held = []
while True:
    held.append(listener.accept())
    time.sleep(0.1)
END
timeout 60 python3 ../mute.py >/dev/null 2>&1 &
sleep 1
#%% step
ssh -o ConnectTimeout=3 -o BatchMode=yes -p 18107 ops@127.0.0.1 uptime
