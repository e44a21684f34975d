# class: dependency-error
# tool: cmake
# ecosystem: c-cpp
# step: Configure
# needs: apt:cmake apt:g++ apt:make
# proof: Could not find a package configuration file provided by "spdlog"
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(ferry VERSION 1.4.0 LANGUAGES CXX)

set(CMAKE_CXX_STANDARD 17)
find_package(Threads REQUIRED)
find_package(spdlog 1.11 REQUIRED)

add_executable(ferry main.cpp)
target_link_libraries(ferry PRIVATE spdlog::spdlog Threads::Threads)
END
printf 'int main() { return 0; }\n' >main.cpp
#%% step
cmake -S . -B build -DCMAKE_BUILD_TYPE=Release
