# class: build-failure
# tool: clang
# ecosystem: c-cpp
# step: Compile
# needs: apt:clang
# proof: error: unknown type name 'ssize_t'
cat >ring.h <<'END'
#pragma once
#include <stddef.h>

struct ring { unsigned char *bytes; size_t size, head, tail; };

ssize_t ring_read(struct ring *ring, void *into, size_t count);
END
cat >ring.c <<'END'
#include "ring.h"
#include <string.h>

ssize_t ring_read(struct ring *ring, void *into, size_t count)
{
    size_t ready = ring->head - ring->tail;
    if (count > ready)
        count = ready;
    memcpy(into, ring->bytes + ring->tail, count);
    ring->tail += count;
    return count;
}
END
#%% step
clang -std=c11 -Wall -c ring.c -o ring.o
