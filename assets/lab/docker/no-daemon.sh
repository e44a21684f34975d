# class: configuration-error
# tool: docker
# ecosystem: containers
# step: Pull base image
# needs: apt:docker.io
# proof: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
#%% step
docker pull debian:12-slim
