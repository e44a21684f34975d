# class: permission-error
# tool: docker
# ecosystem: containers
# step: Push image
# needs: apt:docker.io
# user: nobody
# proof: permission denied while trying to connect to the Docker daemon socket
rm -f /tmp/lab-docker.sock
timeout 60 python3 -c 'import os, socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind("/tmp/lab-docker.sock")
os.chmod("/tmp/lab-docker.sock", 0o660)
listener.listen()
time.sleep(60)' >/dev/null 2>&1 &
sleep 1
#%% step
export DOCKER_HOST=unix:///tmp/lab-docker.sock
docker push registry.harbor.example/berth-api:4.1.0
