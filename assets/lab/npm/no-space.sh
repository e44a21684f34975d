# class: resource-exhaustion
# tool: npm
# ecosystem: node
# step: Install dependencies
# needs: npm:npm@10.9.2
# proof: npm error code ENOSPC
# proof: no space left on device
mkdir -p /mnt/lab-npm
umount -q /mnt/lab-npm || true
mount -t tmpfs -o size=4m tmpfs /mnt/lab-npm
(sleep 90; umount -l /mnt/lab-npm) >/dev/null 2>&1 &
echo '{"name": "seat-map", "version": "4.1.0", "private": true, "dependencies": {"date-fns": "3.6.0"}}' >/mnt/lab-npm/package.json
#%% step
cd /mnt/lab-npm
npm install --no-audit --no-fund --loglevel=error
