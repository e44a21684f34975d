# class: resource-exhaustion
# tool: pip
# ecosystem: python
# step: Install data stack
# needs: pip:pip==25.3
# proof: No space left on device
mkdir -p /mnt/ci-scratch
umount -q /mnt/ci-scratch || true
mount -t tmpfs -o size=12m tmpfs /mnt/ci-scratch
(sleep 120; umount -l /mnt/ci-scratch) >/dev/null 2>&1 &
#%% step
TMPDIR=/mnt/ci-scratch pip install --no-cache-dir --target /mnt/ci-scratch/lambda numpy==1.26.4
