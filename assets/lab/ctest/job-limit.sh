# class: timeout
# tool: ctest
# ecosystem: c-cpp
# step: Integration tests
# needs: apt:cmake apt:g++ apt:make apt:coreutils
# proof: timeout: sending signal TERM to command
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(almanac LANGUAGES C)
enable_testing()
add_test(NAME unit COMMAND true)
add_test(NAME replay COMMAND sleep 300)
END
cmake -S . -B build
#%% step
timeout --verbose 20 ctest --test-dir build --output-on-failure
