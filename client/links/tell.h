/* Telling what a run gives and how it goes, to people or, with --json, to a program. */
#ifndef REUNION_LINKS_TELL_H
#define REUNION_LINKS_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "cli/outcome.h"
#include "cli/secret_text.h"
#include "link/invitation.h"
#include "links/options.h"
#include "links/places.h"

/* Each of the first three gives OUTCOME_DONE, or OUTCOME_FAILED having said that standard output
 * takes no more; the others the outcome they are about. */

/* An invitation, and the passphrase where one was made and is to go another way (or NULL). */
enum outcome tell_invitation(const struct links_options *options,
                             const struct invitation *invitation, uint64_t expires,
                             const struct secret_text *passphrase);

/* The link that an invitation led to. */
enum outcome tell_link(const struct links_options *options, const uint8_t *text, size_t bytes);

/* What a bucket is refused for. */
enum outcome tell_refused(const struct links_options *options, const struct refusal *refusal);

/* The same, with what can be said of clocks if it is for its time: the server's, in unix seconds,
 * or -1. */
enum outcome tell_refused_time(const struct links_options *options, const struct refusal *refusal,
                               int64_t server_s);

/* An error of a request, see v1_links.h, and its trouble. */
enum outcome tell_failed(const struct links_options *options, int err, const char *trouble);

/* No entry opens. */
enum outcome tell_closed(const struct links_options *options);

/* Which server an invitation names, for what is said of it; must outlive all that is told. */
void tell_server(const char *address);

#endif
