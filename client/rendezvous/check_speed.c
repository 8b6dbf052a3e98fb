#include "rendezvous/check_speed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/secret.h"
#include "reunion/group_actions.h"
#include "wire/sizes.h"

/* DESIGN: what a T1 costs is its group action; all else about it is a thousandth of that. Its time
 * depends on neither key, so one public key stands for all: a round computes with it as often as
 * the threads can do at once, and a full bucket takes so many such rounds. */

enum { ROUNDS = 5, OTHERS = BUCKET_CAPACITY - 1 };

struct bench {
    uint8_t *secret; /* guarded */
    uint8_t public_key[CTIDH1024_PUBLIC_BYTES];
    struct ctidh1024_exchange *exchanges;
    uint8_t (*shared)[CTIDH1024_SHARED_BYTES];
    size_t at_once;
};

static void bench_close(struct bench *bench)
{
    secret_free(bench->secret);
    free(bench->exchanges);
    free(bench->shared);
}

/* Returns: 0, -ENOMEM; to be closed in any case. */
static int bench_open(struct bench *bench, unsigned jobs)
{
    *bench = (struct bench){.at_once = jobs * reunion_t1s_at_once()};
    bench->secret = secret_alloc(CTIDH1024_SECRET_BYTES);
    bench->exchanges = calloc(bench->at_once, sizeof *bench->exchanges);
    bench->shared = calloc(bench->at_once, sizeof *bench->shared);
    if (!bench->secret || !bench->exchanges || !bench->shared)
        return -ENOMEM;
    ctidh1024_secret_sample(bench->secret, &random_system);
    int err = ctidh1024_public_derive(bench->public_key, bench->secret, &random_system);
    INVARIANT(err != -EINVAL);
    for (size_t i = 0; i < bench->at_once; i++)
        bench->exchanges[i] = (struct ctidh1024_exchange){.public_key = bench->public_key,
                                                          .shared = bench->shared[i]};
    return err;
}

static int canceled(void *state)
{
    return stop_asked(state);
}

/* Milliseconds of one round, 1 or more. */
static int64_t time_round(const struct bench *bench, unsigned jobs, const struct stop_source *stop)
{
    struct stop_source asked = *stop;
    const struct reunion_work work = {.threads = jobs, .canceled = canceled, .state = &asked};
    int64_t began_ms = clock_monotonic_ms(&clock_system);
    group_actions(bench->secret, bench->exchanges, bench->at_once, &work);
    int64_t took_ms = clock_monotonic_ms(&clock_system) - began_ms;
    return took_ms > 0 ? took_ms : 1;
}

static int compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

static void report(struct findings *findings, const struct bench *bench, unsigned jobs,
                   int64_t times_ms[static ROUNDS])
{
    qsort(times_ms, ROUNDS, sizeof *times_ms, compare);
    int64_t median = times_ms[ROUNDS / 2];
    int64_t below = median - times_ms[0], above = times_ms[ROUNDS - 1] - median;
    int64_t error = 100 * (above > below ? above : below) / median + 1;
    int64_t rounds = (int64_t)((OTHERS + bench->at_once - 1) / bench->at_once);
    int64_t tenths = (rounds * median + 50) / 100;
    findings_good(findings, "speed",
                  "the engine is %s, on %u thread%s; a full bucket, %d others, takes about "
                  "%" PRId64 ".%" PRId64 " s (measured just now, give or take %" PRId64 " %%)",
                  reunion_engine(), jobs, jobs == 1 ? "" : "s", OTHERS, tenths / 10, tenths % 10,
                  error);
}

void check_speed(struct findings *findings, unsigned jobs, const struct stop_source *stop)
{
    struct bench bench;
    int64_t times_ms[ROUNDS];
    int err = bench_open(&bench, jobs);
    for (int i = 0; i < ROUNDS && !err; i++) {
        times_ms[i] = time_round(&bench, jobs, stop);
        err = stop_asked(stop) ? -ECANCELED : 0;
    }
    if (!err)
        report(findings, &bench, jobs, times_ms);
    else if (err != -ECANCELED)
        findings_wrong(findings, OUTCOME_FAILED, "speed", "it cannot be measured: %s",
                       err_text(err));
    bench_close(&bench);
}
