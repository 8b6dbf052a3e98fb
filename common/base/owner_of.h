/* The structure that has a member, from a pointer to the member. */
#ifndef REUNION_BASE_OWNER_OF_H
#define REUNION_BASE_OWNER_OF_H

#include <stddef.h>

/* The `type` whose `member` is at `pointer`. */
#define OWNER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
