/* The OpenAPI description as this server serves it. */
#ifndef REUNION_API_OPENAPI_H
#define REUNION_API_OPENAPI_H

#include "api/request.h"

/* Make the OpenAPI document of `api`, with its version, limits and routes in force, as JSON text
 * which is the caller's to free.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int openapi_make(const struct api *api, struct blob *text);

#endif
