# class: permission-error
# tool: apt-get
# ecosystem: os
# step: Install jq
# needs: apt:apt apt:util-linux
# proof: (13: Permission denied)
# proof: are you root?
#%% step
setpriv --reuid=65534 --regid=65534 --clear-groups apt-get install -y moreutils
