# class: build-failure
# tool: ninja
# ecosystem: c-cpp
# step: Build
# needs: apt:ninja-build apt:gcc
# proof: missing and no known rule to make it
cat >build.ninja <<'END'
rule cc
  command = gcc -O2 -c $in -o $out
  description = CC $out
rule link
  command = gcc $in -o $out

build main.o: cc main.c
build codec.o: cc gen/codec.c
build player: link main.o codec.o
default player
END
printf 'int main(void) { return 0; }\n' >main.c
#%% step
ninja -v
