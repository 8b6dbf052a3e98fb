/* Exchanges of T2s and T3s with others in one session, and when to send again. */
#ifndef REUNION_LAN_EXCHANGES_H
#define REUNION_LAN_EXCHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/random.h"
#include "lan/source.h"
#include "reunion/reunion.h"

/* DESIGN: datagrams are lost, so a T2 is sent again until a T2 and a T3 of theirs came, and a T3,
 * which nothing answers, a few times. T2s and T3s do not tell which T1 they are about: one from a
 * source may be about any T1 of that source, and is counted for the oldest exchange that waits for
 * one. What is sent, and when, never depends on whether the other side knows the passphrase. */

enum {
    EXCHANGES_OF_SOURCE = 4, /* T1s of one source at a time; the oldest gives way */
    EXCHANGE_ANSWERS = 4,    /* T3s sent again; the oldest gives way */
    EXCHANGE_T2_TRIES = 20,  /* so often is a T2 sent unanswered: for about a minute */
    EXCHANGE_T3_TRIES = 4,   /* so often is a T3 sent unasked */
};

/* How long to wait before something is sent again that was sent `times` times: longer each time, up
 * to some seconds, and random. */
int64_t exchange_wait_ms(unsigned times, const struct random_source *random);

/* A T2 of theirs, and our T3 to it. */
struct exchange_answer {
    uint8_t t2[REUNION_T2_BYTES], t3[REUNION_T3_BYTES];
    unsigned tries;
    int64_t due_ms; /* INT64_MAX: not again */
};

struct exchange {
    struct lan_source source;
    uint8_t t1_id[REUNION_T1_ID_BYTES]; /* of theirs */
    uint8_t t2[REUNION_T2_BYTES];       /* ours */
    bool has_ours; /* they need not be told our T1: a T2 came, or they answered it with theirs */
    bool heard_t2, heard_t3;
    bool met; /* their message is known */
    unsigned tries;
    int64_t sent_ms, due_ms;                          /* of our T2; INT64_MAX: not again */
    struct exchange_answer answers[EXCHANGE_ANSWERS]; /* the newest first */
    size_t answer_count;
    TAILQ_ENTRY(exchange) newer;
};
TAILQ_HEAD(exchange_list, exchange);

struct exchanges {
    struct exchange_list all; /* the oldest first */
    size_t count;
    int64_t due_ms; /* nothing is due before that */
};

void exchanges_open(struct exchanges *exchanges);
void exchanges_close(struct exchanges *exchanges);

/* The exchange about a T1 with a source, or NULL. */
struct exchange *exchanges_find(const struct exchanges *exchanges, const struct lan_source *source,
                                const uint8_t t1_id[static REUNION_T1_ID_BYTES]);

/* The next one with that source behind `after` (NULL: the first), or NULL. */
struct exchange *exchanges_of(const struct exchanges *exchanges, const struct lan_source *source,
                              const struct exchange *after);

/* Begin one; it is the table's. Returns: 0, -ENOMEM. */
MUST_CHECK int exchanges_add(struct exchanges *exchanges, const struct lan_source *source,
                             const uint8_t t1_id[static REUNION_T1_ID_BYTES],
                             const uint8_t t2[static REUNION_T2_BYTES], struct exchange **added);

/* A T2, or a T3, came from a source: the oldest exchange that waits for one has it. */
void exchanges_heard_t2(struct exchanges *exchanges, const struct lan_source *source);
void exchanges_heard_t3(struct exchanges *exchanges, const struct lan_source *source);

/* Note that our T2 has been sent, and decide when again. */
void exchange_sent_t2(struct exchanges *exchanges, struct exchange *exchange, int64_t now_ms,
                      const struct random_source *random);

/* The answer that was given to a T2, or NULL. */
struct exchange_answer *exchange_answer_to(struct exchange *exchange,
                                           const uint8_t t2[static REUNION_T2_BYTES]);

/* Keep an answer, to be noted as sent. */
struct exchange_answer *exchange_add_answer(struct exchange *exchange,
                                            const uint8_t t2[static REUNION_T2_BYTES],
                                            const uint8_t t3[static REUNION_T3_BYTES]);

/* Note that a T3 has been sent unasked, and decide when again. */
void exchange_sent_t3(struct exchanges *exchanges, struct exchange_answer *answer, int64_t now_ms,
                      const struct random_source *random);

/* Their message became known. */
void exchanges_met(struct exchanges *exchanges, const uint8_t t1_id[static REUNION_T1_ID_BYTES]);

/* Of how many, whose messages are known, it is not yet as sure as it gets that they have ours. */
size_t exchanges_owed(const struct exchanges *exchanges);

#endif
