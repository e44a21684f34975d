# class: resource-exhaustion
# tool: git
# ecosystem: ci
# step: Checkout
# needs: apt:git
# proof: No space left on device
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git init -q -b main ../assets
(cd ../assets && for part in 1 2 3 4 5 6; do head -c 2000000 /dev/urandom >"texture-$part.bin"; done && git add . && git commit -qm 'Textures')
mkdir -p /mnt/lab-checkout
umount -q /mnt/lab-checkout || true
mount -t tmpfs -o size=8m tmpfs /mnt/lab-checkout
(sleep 60; umount -l /mnt/lab-checkout) >/dev/null 2>&1 &
#%% step
git clone "file://$PWD/../assets" /mnt/lab-checkout/assets
