/* The page and the API's description as embed.py embeds them in the program. */
#ifndef REUNION_API_EMBEDDED_H
#define REUNION_API_EMBEDDED_H

#include <stddef.h>

/* The page of GET /, with {{names}} for values. */
extern const char page_html[];
extern const size_t page_html_bytes;

/* Its Content-Security-Policy. */
extern const char page_policy[];

/* The OpenAPI document, with the limits of the default settings. */
extern const char openapi_json[];
extern const size_t openapi_json_bytes;

#endif
