/* Detection of posts that a web browser sends for a page of another site. */
#ifndef REUNION_API_ORIGIN_H
#define REUNION_API_ORIGIN_H

#include <stdbool.h>

#include "api/request.h"

/* Whether a request changes something and comes from a page of another origin than the server's,
 * which the operator has not listed. Without this any page could have its visitors post here, each
 * from an address of their own. Only the headers that browsers set and pages cannot point elsewhere
 * count: `Origin` (RFC 6454; "null" is an origin of its own), `Sec-Fetch-Site` (W3C Fetch Metadata)
 * and `Referer` (RFC 9110). One that names something foreign suffices, whatever the others say:
 * another site, or the same site but not the same origin. So does one that comes twice. A request
 * without any is no browser's. The own origin is what `Host` says; that `Host` is the operator's is
 * not checked. Needs: the request's head. Any thread. */
bool request_is_cross_site(const struct request *request);

/* The origin of the page that sent the request, if the operator has listed it; or NULL. The string
 * is that of the settings. Any thread. */
const char *request_listed_origin(const struct request *request);

/* Answer a browser that asks, before a page of another origin sends a request, whether it
 * may (W3C Fetch, CORS-preflight). Returns: whether it was that, from a page of a listed origin;
 * then the reply is complete. Any thread. */
bool request_answer_preflight(struct request *request);

/* Whether a browser sent the request. Any thread. */
bool request_is_from_browser(const struct request *request);

/* Whether `text` is "null", the origin of a page that is a file, or an origin as a browser would
 * send it: scheme "://" host, and a port that is not the scheme's own, in lower case and without a
 * path. Any thread. */
bool origin_is_good(const char *text);

#endif
