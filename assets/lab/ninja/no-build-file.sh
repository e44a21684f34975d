# class: configuration-error
# tool: ninja
# ecosystem: c-cpp
# step: Build
# needs: apt:ninja-build
# proof: ninja: error: loading 'build.ninja'
mkdir out
#%% step
ninja -C out
