# class: permission-error
# tool: coreutils
# ecosystem: os
# step: Install into prefix
# needs: apt:coreutils
# user: nobody
# proof: cannot create directory
mkdir -p build/bin
echo berthd >build/bin/berthd
#%% step
mkdir -p /opt/berth/bin
cp build/bin/berthd /opt/berth/bin/
