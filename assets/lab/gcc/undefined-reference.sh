# class: build-failure
# tool: gcc
# ecosystem: c-cpp
# step: Compile
# needs: apt:gcc apt:make
# proof: undefined reference to `frame_sum'
cat >frame.h <<'END'
#ifndef FRAME_H
#define FRAME_H
#include <stddef.h>
unsigned frame_sum(const unsigned char *bytes, size_t count);
#endif
END
cat >reader.c <<'END'
#include "frame.h"
#include <stdio.h>

int main(void)
{
    unsigned char bytes[64];
    size_t count = fread(bytes, 1, sizeof bytes, stdin);
    printf("%u\n", frame_sum(bytes, count));
    return 0;
}
END
cat >Makefile <<'END'
CFLAGS = -O2 -Wall -Wextra

reader: reader.o
	$(CC) $(LDFLAGS) -o $@ $^

reader.o: frame.h
END
#%% step
make
