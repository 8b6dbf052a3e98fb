#include "reunion/reunion.h"

/* By itself, so that who wants to know it links nothing else. */
const char *reunion_version(void)
{
    return REUNION_VERSION;
}
