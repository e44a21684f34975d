# class: permission-error
# tool: apt-get
# ecosystem: os
# step: Install tools
# needs: apt:apt
# user: nobody
# proof: (13: Permission denied)
# proof: are you root?
#%% step
apt-get install -y moreutils
