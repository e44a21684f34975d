# class: configuration-error
# tool: podman
# ecosystem: containers
# step: Build container
# needs: apt:podman
# proof: no such file or directory
mkdir -p services/api
printf 'FROM scratch\n' >services/api/Containerfile
#%% step
podman build --tag berth-api:ci --file services/api/Dockerfile services/api
