# class: dependency-error
# tool: meson
# ecosystem: c-cpp
# step: Configure
# needs: apt:meson apt:gcc apt:ninja-build apt:pkg-config
# proof: ERROR: Dependency "libopusfile" not found, tried pkgconfig
cat >meson.build <<'END'
project('mixer', 'c', version: '1.2.0', default_options: ['c_std=c11'])
cc = meson.get_compiler('c')
m = cc.find_library('m', required: false)
opus = dependency('libopusfile', version: '>=0.12')
executable('mixer', 'main.c', dependencies: [m, opus])
END
printf 'int main(void) { return 0; }\n' >main.c
#%% step
meson setup build
