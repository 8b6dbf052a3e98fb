/* Posting a private link, with proof of work where the server asks for it. */
#ifndef REUNION_LINKS_PAY_H
#define REUNION_LINKS_PAY_H

#include "links/retry.h"
#include "transport/link_server.h"

/* Post a link; where the server asks for work, say so, do it, and post again; each request with
 * patience.
 * Returns: as the verb `post`, but for -EDQUOT, which means that more is asked than --max-effort
 * allows; -ECANCELED, -ENOMEM. */
MUST_CHECK int pay_and_post(struct link_bucket *bucket, struct link_server *server,
                            const uint8_t blob[static LINK_BLOB_BYTES], struct retry *retry,
                            const char **trouble);

#endif
