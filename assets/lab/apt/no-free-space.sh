# class: resource-exhaustion
# tool: apt-get
# ecosystem: os
# step: Download packages
# needs: apt:apt
# proof: You don't have enough free space in
mkdir -p /mnt/lab-archives
umount -q /mnt/lab-archives || true
mount -t tmpfs -o size=1m tmpfs /mnt/lab-archives
mkdir -p /mnt/lab-archives/partial
(sleep 60; umount -l /mnt/lab-archives) >/dev/null 2>&1 &
#%% step
apt-get -o Dir::Cache::archives=/mnt/lab-archives install --download-only --reinstall -y libc6-dev
