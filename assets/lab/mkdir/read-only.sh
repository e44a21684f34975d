# class: permission-error
# tool: coreutils
# ecosystem: os
# step: Install into prefix
# needs: apt:coreutils apt:util-linux
# proof: cannot create directory
mkdir -p build/bin
echo berthd >build/bin/berthd
#%% step
setpriv --reuid=65534 --regid=65534 --clear-groups mkdir -p /opt/berth/bin
setpriv --reuid=65534 --regid=65534 --clear-groups cp build/bin/berthd /opt/berth/bin/
