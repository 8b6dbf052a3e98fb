/* Memory for libcurl that is wiped when it is released. */
#ifndef REUNION_HTTP_WIPING_MEMORY_H
#define REUNION_HTTP_WIPING_MEMORY_H

#include <curl/curl.h>

/* DESIGN: libcurl puts a request together in its heap, write key included, and releases that
 * without wiping it. What TLS does with it afterwards is the TLS library's matter. */

/* As curl_global_init; call it once, before any other use of libcurl. */
CURLcode wiping_memory_curl_init(long flags);

#endif
