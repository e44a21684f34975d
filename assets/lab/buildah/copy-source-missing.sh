# class: configuration-error
# tool: buildah
# ecosystem: containers
# step: Build image
# needs: apt:buildah
# proof: no such file or directory
mkdir -p src
echo 'dist' >.gitignore
printf 'FROM scratch\nLABEL service=berth-api\nCOPY dist/berthd /berthd\nENTRYPOINT ["/berthd"]\n' >Dockerfile
#%% step
buildah --storage-driver vfs --root "$PWD/../storage" --runroot "$PWD/../run" bud --isolation chroot -t berth-api:ci .
