/* Staging of many posts as one batch. */
#ifndef REUNION_SERVICE_STAGING_H
#define REUNION_SERVICE_STAGING_H

#include "base/owner_of.h"
#include "service/state.h"

/* DESIGN: posts are staged in memory, under the lock. A post that needs an evicted content is
 * undone and deferred. When the others are staged, the missing contents are read back without
 * the lock, installed and pinned until the batch is settled, and the deferred posts are staged
 * again. Each round has more contents in memory, so this ends. */

/* Stage what is due by time, then all jobs; each post gets its outcome, if the commit succeeds. The
 * writer's thread. Returns: 0 and whether one is among them that always commits, -ENOMEM (nothing
 * can be staged).
 */
MUST_CHECK int staging_run(struct service *service, struct write_jobs *jobs, bool *probe);

/* The batch is about to be settled: what was kept for it may go. The lock is held exclusively. */
void staging_release(struct service *service);

static inline struct post *post_of(struct write_job *job)
{
    return OWNER_OF(job, struct post, job);
}

#endif
