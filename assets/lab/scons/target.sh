# class: build-failure
# tool: scons
# ecosystem: c-cpp
# step: Build
# needs: apt:scons apt:gcc
# proof: Source `beep.c' not found, needed by target `beep.o'.
printf 'env = Environment(CCFLAGS=["-O2", "-Wall"])\nenv.Program("tone", ["main.c", "beep.c"])\n' >SConstruct
printf 'int main(void) { return 0; }\n' >main.c
#%% step
scons -Q
