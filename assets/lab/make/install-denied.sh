# class: permission-error
# tool: make
# ecosystem: c-cpp
# step: Install
# needs: apt:make apt:coreutils
# user: nobody
# proof: install: cannot create regular file '/usr/local/bin/gaugectl': Permission denied
cat >Makefile <<'END'
PREFIX ?= /usr/local
install: gaugectl
	install -m 755 gaugectl $(PREFIX)/bin/gaugectl
END
printf '#!/bin/sh\necho ok\n' >gaugectl
#%% step
make install
