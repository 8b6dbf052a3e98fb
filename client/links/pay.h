/* Posting a private link to a server that may ask for work first. */
#ifndef REUNION_LINKS_PAY_H
#define REUNION_LINKS_PAY_H

#include "base/stop.h"
#include "links/options.h"
#include "net/v1_links.h"

/* Post a link; where the server asks for work, say so, do it, and post again.
 * Returns: as v1_links_post, but for -EDQUOT, which means that more is asked than is ever paid;
 * -ECANCELED, -ENOMEM. */
MUST_CHECK int pay_and_post(struct v1_bucket *bucket, struct http *http,
                            const uint8_t blob[static LINK_BLOB_BYTES],
                            const struct links_options *options, const struct stop_source *stop,
                            const char **trouble);

#endif
