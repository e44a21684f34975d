# class: dependency-error
# tool: configure
# ecosystem: c-cpp
# step: Configure
# needs: apt:autoconf apt:gcc
# proof: configure: error: libusb-1.0 is required to build spool
cat >configure.ac <<'END'
AC_INIT([spool], [1.9])
AC_PROG_CC
AC_CHECK_HEADERS([sys/ioctl.h])
AC_CHECK_LIB([usb-1.0], [libusb_init], [], [AC_MSG_ERROR([libusb-1.0 is required to build spool])])
AC_OUTPUT
END
autoconf
#%% step
./configure --prefix=/usr
