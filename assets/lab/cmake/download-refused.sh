# class: network-error
# tool: cmake
# ecosystem: c-cpp
# step: Configure
# needs: apt:cmake apt:g++ apt:make
# proof: Couldn't connect to server
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(voice VERSION 0.8 LANGUAGES CXX)

include(FetchContent)
FetchContent_Declare(
  samples
  URL http://127.0.0.1:8930/archives/samples-1.2.tar.gz
  URL_HASH SHA256=2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824)
FetchContent_MakeAvailable(samples)
END
#%% step
cmake -S . -B build
