# class: permission-error
# tool: configure
# ecosystem: c-cpp
# step: Configure
# needs: apt:autoconf apt:gcc
# proof: ./configure: Permission denied
printf 'AC_INIT([gauge], [0.4])\nAC_PROG_CC\nAC_OUTPUT\n' >configure.ac
autoconf
chmod 644 configure
#%% step
./configure --prefix=/usr --disable-static
