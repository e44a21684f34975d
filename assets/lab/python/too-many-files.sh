# class: resource-exhaustion
# tool: python
# ecosystem: python
# step: Load test
# needs: apt:python3
# proof: OSError: [Errno 24] Too many open files
cat >fan_out.py <<'END'
import socket

server = socket.create_server(("127.0.0.1", 0), backlog=512)
clients = []
for number in range(500):
    clients.append(socket.create_connection(server.getsockname()))
    if number % 50 == 0:
        print(f"{number} clients connected", flush=True)
END
#%% step
ulimit -n 128
python3 fan_out.py
