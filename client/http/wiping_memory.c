#include "http/wiping_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static void release(void *memory)
{
    if (memory)
        secret_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

/* Never in place, and never leaving a copy behind. */
static void *resize(void *memory, size_t bytes)
{
    size_t before = memory ? malloc_usable_size(memory) : 0;
    void *moved = malloc(bytes > 0 ? bytes : 1);
    if (!moved)
        return NULL;
    if (memory)
        memcpy(moved, memory, before < bytes ? before : bytes);
    release(memory);
    return moved;
}

CURLcode wiping_memory_curl_init(long flags)
{
    return curl_global_init_mem(flags, malloc, release, resize, strdup, calloc);
}
