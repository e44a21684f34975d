# class: resource-exhaustion
# tool: xz
# ecosystem: os
# step: Compress image
# needs: apt:xz-utils
# proof: xz: Memory usage limit is too low for the given filter setup.
head -c 4000000 /dev/urandom >rootfs.img
#%% step
xz --keep --format=lzma -9e --memlimit-compress=64MiB --no-adjust rootfs.img
