# class: resource-exhaustion
# tool: sort
# ecosystem: os
# step: Deduplicate positions
# needs: apt:coreutils
# proof: write failed: /mnt/lab-sort/
mkdir -p /mnt/lab-sort
umount -q /mnt/lab-sort || true
mount -t tmpfs -o size=2m tmpfs /mnt/lab-sort
(sleep 60; umount -l /mnt/lab-sort) >/dev/null 2>&1 &
seq 1 900000 | rev >positions.csv
#%% step
sort --unique --buffer-size=1M --temporary-directory=/mnt/lab-sort positions.csv -o unique.csv
