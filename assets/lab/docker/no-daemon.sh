# class: configuration-error
# tool: docker
# ecosystem: containers
# step: Build image
# needs: apt:docker.io
# proof: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
printf 'FROM scratch\nCOPY berthd /\n' >Dockerfile
: >berthd
#%% step
docker pull debian:12-slim
