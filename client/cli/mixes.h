/* The chain of mixes that --mixes names. */
#ifndef REUNION_CLI_MIXES_H
#define REUNION_CLI_MIXES_H

#include <stdatomic.h>

#include "cli/complaint.h"
#include "cli/outcome.h"
#include "cli/shared_options.h"
#include "http/server_address.h"
#include "udp/mix_chain.h"

/* DESIGN: either all servers of a run are reached through the chain, or none is. What happens to
 * the chain is reported from a thread of its own, as lines for people or, with --json, as events.
 */
struct mixes;

/* Read the net file and begin, if the options name one; nothing is sent. Errors are reported.
 * Needs: `options`, which must outlive the mixes.
 * Returns: OUTCOME_DONE and mixes to be closed, which are NULL without --mixes; OUTCOME_USAGE,
 * OUTCOME_FAILED. */
enum outcome mixes_open(struct mixes **mixes, const struct options *options);

/* NULL is fine. Connections through them must be closed. */
void mixes_close(struct mixes *mixes);

/* Report nothing any more once `*muted` is set, which must outlive the mixes. NULL is fine. */
void mixes_mute(struct mixes *mixes, const atomic_bool *muted);

/* Whether this server can be reached through them; if not, that is reported. NULL is fine. */
bool mixes_reach(const struct mixes *mixes, const char *server,
                 const struct server_address *address);

/* NULL for NULL. */
struct mix_chain *mixes_chain(const struct mixes *mixes);

/* What options do not go together. Returns: 0, or -EINVAL by options_complain. */
MUST_CHECK int mixes_check(const struct options *options,
                           char complaint[static OPTIONS_COMPLAINT_BYTES]);

#endif
