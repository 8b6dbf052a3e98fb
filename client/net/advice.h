/* What somebody can do about a request that failed. */
#ifndef REUNION_NET_ADVICE_H
#define REUNION_NET_ADVICE_H

#include <curl/curl.h>

/* A constant English sentence, with its full stop or question mark; NULL where there is nothing to
 * advise. `easy` is the handle that had `result`. */
const char *advice_on(CURL *easy, CURLcode result);

#endif
