/* The one engine of group actions that WebAssembly has (dispatch.c chooses among processors'). */
#include <string.h>

#include "ctidh/ctidh.h"
#include "ctidh/engine.h"

const struct engine *engine_for(size_t count)
{
    (void)count;
    return &engine_portable;
}

int engine_find(const char *name, const struct engine **engine)
{
    if (strcmp(name, engine_portable.name) != 0)
        return -EINVAL;
    *engine = &engine_portable;
    return 0;
}

const char *ctidh1024_engine_name(void)
{
    return engine_portable.name;
}

int ctidh1024_engine_check(void)
{
    return 0;
}

size_t ctidh1024_lanes(void)
{
    return engine_portable.lanes;
}
