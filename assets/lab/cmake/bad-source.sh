# class: configuration-error
# tool: cmake
# ecosystem: c-cpp
# step: Configure
# needs: apt:cmake apt:g++ apt:make
# proof: CMake Error: The source directory "/home/runner
# proof: does not appear to contain CMakeLists.txt
mkdir -p src tools
printf 'cmake_minimum_required(VERSION 3.16)\nproject(tools C)\n' >src/CMakeLists.txt
#%% step
cmake -S tools -B build/tools
