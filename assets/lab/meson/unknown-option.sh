# class: configuration-error
# tool: meson
# ecosystem: c-cpp
# step: Setup
# needs: apt:meson apt:gcc apt:ninja-build
# proof: ERROR: Unknown options: "with_tls"
printf "project('mixer', 'c', version: '1.2.0')\nexecutable('mixer', 'main.c')\n" >meson.build
printf 'int main(void) { return 0; }\n' >main.c
#%% step
meson setup build -Dbuildtype=release -Dwith_tls=enabled
