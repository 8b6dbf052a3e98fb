/* Many posts become one batch. */
#ifndef REUNION_SERVICE_STAGING_H
#define REUNION_SERVICE_STAGING_H

#include "service/state.h"

/* DESIGN: posts are staged under the lock, as memory work. One that needs a content that is not
 * there is undone and put off; when the others are staged, what is lacking is read back without the
 * lock, put in place and kept there until the batch is settled, and those posts are staged again.
 * Each time something more is there, so that ends. */

/* Stage what is due by time, then all jobs; each post gets its outcome, if the commit succeeds. The
 * writer's thread. Returns: 0 and whether a probe is among them, -ENOMEM (nothing can be staged).
 */
MUST_CHECK int staging_run(struct service *service, struct write_jobs *jobs, bool *probe);

/* The batch is about to be settled: what was kept for it may go. The lock is held exclusively. */
void staging_release(struct service *service);

static inline struct post *post_of(struct write_job *job)
{
    return INDEX_OWNER(job, struct post, job);
}

#endif
