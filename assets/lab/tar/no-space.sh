# class: resource-exhaustion
# tool: tar
# ecosystem: os
# step: Pack artifacts
# needs: apt:tar apt:gzip
# proof: No space left on device
mkdir -p dist /mnt/lab-out
umount -q /mnt/lab-out || true
mount -t tmpfs -o size=2m tmpfs /mnt/lab-out
(sleep 60; umount -l /mnt/lab-out) >/dev/null 2>&1 &
for part in linux mac windows; do head -c 1400000 /dev/urandom >"dist/berth-$part"; done
#%% step
tar -czf /mnt/lab-out/release.tar.gz dist
