/* A transport between a session and its real one, which a test is told of and can cut. */
#ifndef REUNION_TESTS_LIB_TRANSPORT_BETWEEN_H
#define REUNION_TESTS_LIB_TRANSPORT_BETWEEN_H

#include <stddef.h>

#include "transport/transport.h"

/* What a test does about each call; each may be NULL. */
struct between_hooks {
    /* Before a call: its verb's name, and the bytes it carries, or for `send` how many letters and
     * of which kind, as 10 * count + kind, and for `receive` the wait. Returns: 0, or a code, which
     * the session gets in place of the call. */
    int (*before)(void *state, const char *verb, size_t size);
    /* After a call: what the session gets, given what the call gave. */
    int (*after)(void *state, int err);
    void *state;
};

/* Make one over `real`, which it takes over. Returns: it, to be released by its verb `free`. */
struct transport *transport_between_open(struct transport *real, const struct between_hooks *hooks);

#endif
