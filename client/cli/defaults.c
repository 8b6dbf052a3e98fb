#include "cli/defaults.h"

#include <sched.h>

enum { JOBS_DEFAULT_MAX = 64 };

const struct bucket_bounds default_bounds = {
    .tolerance_s = 300,
    .open_window_s_max = 24 * 60 * 60,
    .sequence_max = 16,
};

const char *default_verdict_text(enum bucket_verdict verdict)
{
    static const char *const texts[] = {
        [BUCKET_GOOD] = "there is nothing wrong with it",
        [BUCKET_LINK_WRONG] = "its link does not belong to its id",
        [BUCKET_SEQUENCE_HIGH] = "there should not be that many in one second",
        [BUCKET_IN_FUTURE] = "its time lies in the future; is the clock right?",
        [BUCKET_TOO_OLD] = "it is older than one that takes newcomers; is the clock right?",
    };
    return texts[verdict];
}

unsigned default_jobs(void)
{
    cpu_set_t ours;
    int count = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;
    if (count < 1)
        count = 1;
    return count < JOBS_DEFAULT_MAX ? (unsigned)count : JOBS_DEFAULT_MAX;
}
