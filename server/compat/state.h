/* What the files of this folder share. */
#ifndef REUNION_COMPAT_STATE_H
#define REUNION_COMPAT_STATE_H

#include <stdatomic.h>

#include "compat/reference.h"
#include "compat/rounds.h"

struct reference {
    struct service *service;
    struct reference_settings settings;
    struct rounds rounds;
    atomic_uint_fast64_t malformed, dropped;
};

#endif
