# class: build-failure
# tool: gcc
# ecosystem: c-cpp
# step: Link firmware tools
# needs: apt:gcc apt:make
# proof: multiple definition of `retry_limit'
cat >limits.h <<'END'
#ifndef LIMITS_LOCAL_H
#define LIMITS_LOCAL_H
int retry_limit = 5;
#endif
END
cat >send.c <<'END'
#include "limits.h"
int send_frame(void) { return retry_limit; }
END
cat >main.c <<'END'
#include "limits.h"
int send_frame(void);
int main(void) { return send_frame() == retry_limit ? 0 : 1; }
END
cat >Makefile <<'END'
uplink: main.o send.o
	gcc -o $@ $^
%.o: %.c
	gcc -std=c11 -Wall -c -o $@ $<
END
#%% step
make -j2 uplink
