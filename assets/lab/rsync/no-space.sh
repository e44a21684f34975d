# class: resource-exhaustion
# tool: rsync
# ecosystem: ci
# step: Copy artifacts
# needs: apt:rsync
# proof: No space left on device (28)
mkdir -p dist /mnt/lab-artifacts
umount -q /mnt/lab-artifacts || true
mount -t tmpfs -o size=3m tmpfs /mnt/lab-artifacts
(sleep 60; umount -l /mnt/lab-artifacts) >/dev/null 2>&1 &
for part in api web worker; do head -c 1500000 /dev/urandom >"dist/$part.tar.gz"; done
#%% step
rsync -rtv dist/ /mnt/lab-artifacts/
