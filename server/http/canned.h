/* Complete replies as bytes, for connections that the HTTP library does not serve. */
#ifndef REUNION_HTTP_CANNED_H
#define REUNION_HTTP_CANNED_H

#include <stddef.h>

#include "api/problem.h"
#include "base/err.h"

enum { CANNED_BYTES = 640 };

struct canned {
    char text[CANNED_BYTES];
    size_t bytes;
};

/* A response with that problem, after which the connection is closed. Returns: 0, -ENOMEM. */
MUST_CHECK int canned_make(struct canned *canned, enum problem problem);

#endif
