# class: network-error
# tool: wget
# ecosystem: ci
# step: Install toolchain
# needs: apt:wget
# proof: wget: unable to resolve host address
#%% step
wget -q --show-progress https://downloads.harbor.invalid/toolchain/arm-none-eabi-13.3.tar.xz || wget https://mirror.harbor.invalid/toolchain/arm-none-eabi-13.3.tar.xz
