# class: dependency-error
# tool: apt-get
# ecosystem: os
# step: Install system packages
# needs: apt:apt
# proof: E: Unable to locate package libgrpc-harbor-dev
#%% step
apt-get install -y --no-install-recommends protobuf-compiler libgrpc-harbor-dev
