# class: permission-error
# tool: cmake
# ecosystem: c-cpp
# step: Install
# needs: apt:cmake apt:g++ apt:make
# user: nobody
# proof: file cannot create directory: /opt/relay/bin.  Maybe need administrative
printf 'cmake_minimum_required(VERSION 3.16)\nproject(relay C)\nadd_executable(relay main.c)\ninstall(TARGETS relay DESTINATION bin)\n' >CMakeLists.txt
printf 'int main(void) { return 0; }\n' >main.c
cmake -S . -B build
cmake --build build
#%% step
cmake --install build --prefix /opt/relay
