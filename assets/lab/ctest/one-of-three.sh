# class: test-failure
# tool: ctest
# ecosystem: c-cpp
# step: Run tests
# needs: apt:cmake apt:g++ apt:make
# proof: expected 1440 minutes, got 1380
# proof: clock_change (Failed)
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(almanac LANGUAGES C)
enable_testing()
foreach(name parse clock_change format)
  add_executable(test_${name} test_${name}.c)
  add_test(NAME ${name} COMMAND test_${name})
endforeach()
END
printf 'int main(void) { return 0; }\n' | tee test_parse.c >test_format.c
cat >test_clock_change.c <<'END'
#include <stdio.h>
int main(void)
{
    int minutes = 24 * 60 - 60;
    if (minutes != 1440) {
        fprintf(stderr, "test_clock_change.c:6: expected 1440 minutes, got %d\n", minutes);
        return 1;
    }
    return 0;
}
END
cmake -S . -B build
cmake --build build
#%% step
ctest --test-dir build --output-on-failure
