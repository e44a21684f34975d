# class: configuration-error
# tool: cmake
# ecosystem: c-cpp
# step: Configure
# needs: apt:cmake apt:g++
# proof: Could not find toolchain file: cmake/aarch64.cmake
printf 'cmake_minimum_required(VERSION 3.16)\nproject(relay CXX)\nadd_executable(relay main.cpp)\n' >CMakeLists.txt
printf 'int main() {}\n' >main.cpp
#%% step
cmake -B build -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64.cmake
