# class: build-failure
# tool: autoconf
# ecosystem: c-cpp
# step: Bootstrap
# needs: apt:autoconf apt:automake
# proof: error: possibly undefined macro: AC_PROG_LIBTOOL
cat >configure.ac <<'END'
AC_INIT([spool], [1.9])
AM_INIT_AUTOMAKE([foreign])
AC_PROG_CC
AC_PROG_LIBTOOL
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
printf 'bin_PROGRAMS = spool\nspool_SOURCES = spool.c\n' >Makefile.am
printf 'int main(void) { return 0; }\n' >spool.c
#%% step
autoreconf --install --force
