/* Reports of results and errors, for people or, with --json, for programs. */
#ifndef REUNION_LINKS_REPORT_H
#define REUNION_LINKS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "cli/outcome.h"
#include "cli/secret_text.h"
#include "link/invitation.h"
#include "links/link_slots.h"
#include "links/options.h"

/* Each of the first three gives OUTCOME_DONE, or OUTCOME_FAILED after reporting that standard
 * output takes no more; the others the outcome they are about. */

/* An invitation, and the passphrase where one was made and is to go another way (or NULL). */
enum outcome report_invitation(const struct links_options *options,
                               const struct invitation *invitation, uint64_t expires,
                               const struct secret_text *passphrase);

/* The link that an invitation led to. */
enum outcome report_link(const struct links_options *options, const uint8_t *text, size_t bytes);

/* What a bucket of `server` is refused for. */
enum outcome report_refused(const struct links_options *options, const char *server,
                            const struct refusal *refusal);

/* The same, with what can be said of clocks if it is for its time: the server's, in unix seconds,
 * or -1. */
enum outcome report_refused_time(const struct links_options *options, const char *server,
                                 const struct refusal *refusal, int64_t server_s);

/* An error of a request to `server` (NULL: of nothing there), see link_server.h, and its trouble.
 */
enum outcome report_failed(const struct links_options *options, const char *server, int err,
                           const char *trouble);

/* Such an error does not end the run yet: the request is tried again for so long.
 * Returns: 0, -EIO (standard output takes no more), -ENOMEM. */
MUST_CHECK int report_waiting(const struct links_options *options, const char *server, int err,
                              const char *trouble, int64_t retry_ms);

/* The server serves again. Returns: 0, -EIO (standard output takes no more), -ENOMEM. */
MUST_CHECK int report_back(const struct links_options *options, const char *server);

/* No entry opens. */
enum outcome report_closed(const struct links_options *options);

#endif
