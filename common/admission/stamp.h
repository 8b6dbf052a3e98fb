/* Stamps: proofs of work bound to one record, place, server and hour. */
#ifndef REUNION_ADMISSION_STAMP_H
#define REUNION_ADMISSION_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "crypto/argon2id.h"

/* DESIGN: a stamp is a nonce. What it is worth is read off one Argon2id computation: the number of
 * tries that are needed on average for a hash as small as its own. The challenge in it is a
 * server's, for one hour, so that nobody works ahead; hours, and nothing finer, as a challenge
 * tells everybody when the work was begun. Pure code: the caller brings randomness, the hour
 * and what says that it is to stop. */

enum {
    STAMP_NONCE_BYTES = 16,
    STAMP_CHALLENGE_BYTES = 32,
    STAMP_SECRET_BYTES = 32,
    STAMP_PLACE_BYTES = 32,
    STAMP_RECORD_BYTES = 32,
    STAMP_MEMORY_KIB = 1024,
    STAMP_HOUR_S = 3600, /* a challenge holds for one such hour, and counts in the next as well */
    STAMP_KIND_T1 = 'r',
    STAMP_KIND_LINK = 'l',
    STAMP_CLASS_MAX = 32, /* the highest there can be */
    STAMP_CLASSES = STAMP_CLASS_MAX + 1,
};

/* What a stamp is for. */
struct stamp_subject {
    char kind;                          /* STAMP_KIND_… */
    uint8_t place[STAMP_PLACE_BYTES];   /* the place's tag; zeros: the common one, or a link */
    uint8_t record[STAMP_RECORD_BYTES]; /* H(record): of a T1 its id */
    uint8_t challenge[STAMP_CHALLENGE_BYTES]; /* the server's, of an hour */
};

/* A stamp as it is kept and told. */
struct stamp {
    uint8_t nonce[STAMP_NONCE_BYTES];
    uint64_t hour;   /* of its challenge: unix time / STAMP_HOUR_S */
    uint32_t effort; /* what it was worth in that hour; 0: there is no stamp */
};

/* The number of the hour of a unix time; 0 for times before 1970. */
uint64_t stamp_hour(int64_t unix_s);

/* A server's challenge for an hour: BLAKE2b-256(key `secret`, "reunion-stamp" || hour (8)). Any
 * thread. */
void stamp_challenge(uint8_t challenge[static STAMP_CHALLENGE_BYTES],
                     const uint8_t secret[static STAMP_SECRET_BYTES], uint64_t hour);

/* The effort of a hash that begins with these eight bytes, read big-endian:
 * floor((2^64-1) / (beginning + 1)), bounded by 2^32-1. 0 for the largest beginning alone. */
uint32_t stamp_effort_of(uint64_t beginning);

/* Compute what a stamp is worth: one Argon2id with `memory`, of STAMP_MEMORY_KIB. Any thread, one
 * at a time for each memory.
 * Returns: 0, -ENOMEM (`effort` untouched). */
MUST_CHECK int stamp_check(struct argon2id_memory *memory, const struct stamp_subject *subject,
                           const uint8_t nonce[static STAMP_NONCE_BYTES], uint32_t *effort);

/* What an effort still counts for: half as much with each hour that has passed since its
 * challenge's; hours to come count as none. */
uint32_t stamp_effort_now(uint32_t effort, uint64_t hour, uint64_t hour_now);

/* Class of a T1: 0 without a stamp, else 1 + floor(log2(effort)), less one for each hour since its
 * challenge's, not below 0. */
unsigned stamp_class(uint32_t effort, uint64_t hour, uint64_t hour_now);

/* Whether `offered` may replace `kept`: worth at least twice, as counted now, and something. */
bool stamp_raises(const struct stamp *offered, const struct stamp *kept, uint64_t hour_now);

/* A search for a stamp, which may be paused and gone on with. It keeps the best it has found. */
struct stamp_search {
    struct stamp_subject subject;
    struct argon2id_memory *memory;
    uint8_t next[STAMP_NONCE_BYTES];
    uint64_t tries; /* so far */
    uint8_t best_nonce[STAMP_NONCE_BYTES];
    uint32_t best_effort; /* 0: none was found */
};

/* When a search has found what it was for. */
struct stamp_goal {
    uint32_t effort; /* the stamp is worth at least this … */
    uint64_t tries;  /* … and at least so many were made */
};

/* Begin at a random nonce. The search holds memory until stamp_search_close.
 * Returns: 0, -ENOMEM (nothing is held). */
MUST_CHECK int stamp_search_open(struct stamp_search *search, const struct stamp_subject *subject,
                                 const struct random_source *random);

/* Try on until the goal is reached, at most `tries_max` times in this call, asking `stop` (NULL:
 * never) before each try. One thread at a time for each search. What was found stays, whatever
 * this returns.
 * Returns: 0 (the goal is reached), -EAGAIN (not yet), -ECANCELED, -ENOMEM. */
MUST_CHECK int stamp_search_run(struct stamp_search *search, const struct stamp_goal *goal,
                                uint64_t tries_max, const struct stop_source *stop);

/* Release its memory; a search of zeros is fine. */
void stamp_search_close(struct stamp_search *search);

#endif
