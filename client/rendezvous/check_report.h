/* What the command `check` says of a server, however it was asked. */
#ifndef REUNION_RENDEZVOUS_CHECK_REPORT_H
#define REUNION_RENDEZVOUS_CHECK_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "rendezvous/findings.h"
#include "session/bucket_check.h"
#include "wire/bucket_id.h"

/* What a server is. */
struct check_limits {
    uint32_t bucket_capacity; /* T1s */
    uint64_t open_window_s, lifetime_s;
    uint32_t wait_s_max, records_per_post_max;
};

/* A bucket that was shown. */
struct check_bucket {
    struct bucket_id id;
    const uint8_t *bucket_hash; /* ID_BYTES */
    uint32_t count;             /* T1s */
    bool open;
};

/* Compare the clocks; `theirs` is unix time by the server's. */
void check_report_clock(struct findings *findings, int64_t theirs,
                        const struct bucket_bounds *bounds);

void check_report_limits(struct findings *findings, const struct check_limits *limits);

/* The tries of work that are asked for; 0: none. */
void check_report_asked(struct findings *findings, uint32_t t1_effort, uint32_t link_effort);

/* What is sent is encrypted to the key of the address. */
void check_report_key(struct findings *findings);

/* The public key by which a server that has a list knows this client. */
void check_report_client_key(struct findings *findings, const uint8_t public_key[static 32]);

/* Whether a bucket of the place with that tag could be used. Returns: whether it could. */
bool check_report_bucket(struct findings *findings, const struct check_bucket *bucket,
                         const struct check_limits *limits, const struct bucket_bounds *bounds,
                         const uint8_t place[static ID_BYTES]);

/* A bucket that was named is not there, or (`expired`) not any more. */
void check_report_missing(struct findings *findings, bool expired);

/* There is no bucket at all; `waits` says what else a check with one would show, or is empty. */
void check_report_none(struct findings *findings, const char *waits);

#endif
