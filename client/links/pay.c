#include "links/pay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admission/payment.h"
#include "admission/price.h"
#include "base/clock.h"
#include "base/random.h"
#include "cli/print.h"
#include "cli/processors.h"
#include "crypto/hash.h"
#include "stamps/parallel_search.h"

/* What is asked, and the search for it. */
struct work {
    struct link_wanted wanted;
    struct parallel_search search;
};

static int ask_challenge(uint8_t challenge[static STAMP_CHALLENGE_BYTES],
                         struct link_server *server, bool apart, struct retry *retry,
                         const char **trouble)
{
    int err;
    do {
        err = server->verbs->challenge(server, apart, challenge);
    } while (err && retry_again(retry, server, &err));
    *trouble = server->trouble;
    return retry_end(retry, err);
}

/* A challenge of one's own would be a tag: somebody else asks for it, over another connection. */
static int compare(const struct work *work, struct link_server *server, struct retry *retry,
                   const char **trouble)
{
    uint8_t apart[STAMP_CHALLENGE_BYTES], again[STAMP_CHALLENGE_BYTES];
    int err = ask_challenge(apart, server, true, retry, trouble);
    if (err || memcmp(apart, work->wanted.challenge, sizeof apart) == 0)
        return err;
    /* Another hour may have begun. */
    err = ask_challenge(again, server, false, retry, trouble);
    if (err || memcmp(apart, again, sizeof apart) == 0)
        return err;
    *trouble = "it shows us a challenge that others do not get";
    return -EPROTO;
}

static int begin(struct work *work, struct link_server *server,
                 const uint8_t blob[static LINK_BLOB_BYTES], struct retry *retry,
                 const char **trouble)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_LINK};
    hash_bytes(subject.record, blob, LINK_BLOB_BYTES);
    memcpy(subject.challenge, work->wanted.challenge, sizeof subject.challenge);
    bool same = parallel_search_is_for(&work->search, &subject);
    if (same && work->search.best_effort >= work->wanted.effort) {
        *trouble = "it asks again for work that was done";
        return -EPROTO;
    }
    if (same)
        return 0;
    parallel_search_close(&work->search);
    int err = compare(work, server, retry, trouble);
    return err ? err
               : parallel_search_open(&work->search, &subject, processors_usable(), &random_system);
}

static int print_how_long(struct work *work, uint64_t tries, const struct retry *retry)
{
    int64_t ms;
    int err = parallel_search_estimate(&work->search, tries, &clock_system, retry->stop, &ms);
    if (err == -EALREADY)
        return 0;
    if (!err && !retry->options->shared.json)
        print("many people come to the server, so it asks for about %" PRId64 " s of work first",
              (ms + 999) / 1000);
    return err;
}

static uint32_t effort_max(const struct links_options *options)
{
    return (uint32_t)options->max_effort;
}

static int search(struct work *work, struct link_server *server,
                  const uint8_t blob[static LINK_BLOB_BYTES], struct retry *retry,
                  const char **trouble)
{
    const struct stamp_goal goal = {.effort = work->wanted.effort,
                                    .tries = payment_tries_least(work->wanted.effort)};
    uint32_t max = effort_max(retry->options);
    if (goal.effort > max) {
        snprintf(retry->trouble, sizeof retry->trouble,
                 "it asks for %" PRIu32 " tries of work, more than the %" PRIu32
                 " that --max-effort allows",
                 goal.effort, max);
        *trouble = retry->trouble;
        return -EDQUOT;
    }
    int err = begin(work, server, blob, retry, trouble);
    if (!err)
        err = print_how_long(work, goal.tries, retry);
    if (err)
        return err;
    return parallel_search_run(&work->search, &goal, retry->stop);
}

static int post(struct link_bucket *bucket, struct link_server *server,
                const uint8_t blob[static LINK_BLOB_BYTES], const uint8_t *stamp,
                struct link_wanted *wanted, struct retry *retry, const char **trouble)
{
    int err;
    do {
        err = server->verbs->post(server, blob, stamp, bucket, wanted);
    } while (err && retry_again(retry, server, &err));
    *trouble = server->trouble;
    return retry_end(retry, err);
}

int pay_and_post(struct link_bucket *bucket, struct link_server *server,
                 const uint8_t blob[static LINK_BLOB_BYTES], struct retry *retry,
                 const char **trouble)
{
    struct work work = {.wanted = {.effort = 0}};
    int err = post(bucket, server, blob, NULL, &work.wanted, retry, trouble);
    while (err == -EDQUOT) {
        err = search(&work, server, blob, retry, trouble);
        if (err)
            break;
        err = post(bucket, server, blob, work.search.best_nonce, &work.wanted, retry, trouble);
    }
    parallel_search_close(&work.search);
    return err;
}
