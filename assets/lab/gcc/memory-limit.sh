# class: resource-exhaustion
# tool: gcc
# ecosystem: c-cpp
# step: Build tables
# needs: apt:gcc apt:make
# proof: virtual memory exhausted: Cannot allocate memory
cat >gen.sh <<'END'
#!/bin/sh
echo '#include "cells.h"'
echo 'const struct cell grid[] = {'
seq 1 300000 | sed 's/.*/    { &, & * 3, "cell &", { &, & + 1, & + 2, & + 3 } },/'
echo '};'
END
cat >cells.h <<'END'
struct cell { int id, weight; const char *name; int near[4]; };
END
cat >Makefile <<'END'
grid.o: grid.c cells.h
	gcc -O2 -c -o $@ grid.c
grid.c: gen.sh
	sh gen.sh >$@
END
#%% step
ulimit -v 150000
make grid.o
