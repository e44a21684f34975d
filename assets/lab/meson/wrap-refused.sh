# class: network-error
# tool: meson
# ecosystem: c-cpp
# step: Configure
# needs: apt:meson apt:gcc apt:ninja-build
# proof: Connection refused
mkdir subprojects
printf "project('mixer', 'c')\nproj = subproject('resampler')\n" >meson.build
printf '[wrap-file]\ndirectory = resampler-1.3\nsource_url = http://127.0.0.1:8932/resampler-1.3.tar.xz\nsource_filename = resampler-1.3.tar.xz\nsource_hash = 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n' >subprojects/resampler.wrap
#%% step
meson setup build
