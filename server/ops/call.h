/* A binary request as a value, independent of sockets: from its bytes to those of its answer. */
#ifndef REUNION_OPS_CALL_H
#define REUNION_OPS_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "service/service.h"
#include "wire/op_answer.h"
#include "wire/op_request.h"

/* DESIGN: what server/api is for HTTP, this is for the requests of packets: bytes are taken apart,
 * the service does the rest, and what came of it becomes a status and a body. A call is answered at
 * once or waits. To wait, its owner calls ops_begin, after which any thread may call `resume`; then
 * the owner calls ops_finish, which answers or has the call wait again: what woke it may be for
 * somebody else. A call is for one thread at a time. Answers have a maximum of bytes that the owner
 * states; lists give what fits. */

enum { OPS_Q_BYTES_MAX = 1166, OPS_P_BYTES_MAX = 1182 };

/* T2s or T3s that fit into one request. */
enum {
    OPS_RECORDS_MAX = (OPS_Q_BYTES_MAX - 1 - WRITE_KEY_BYTES - 2 * ID_BYTES) / OP_ADDRESSED_BYTES
};

/* What all calls share. */
struct ops {
    struct service *service;
    uint32_t open_window_s, lifetime_s;
    uint16_t wait_s_max; /* of feeds; who asks for more waits so long */
    uint32_t records_per_post_max;
    uint8_t salt[SALT_BYTES];
    atomic_bool stops; /* nothing waits any more */
};

/* The kinds of requests that have rates of their own. */
enum ops_rate {
    OPS_RATE_OTHER,
    OPS_RATE_T1,
    OPS_RATE_LINK,
    OPS_RATE_MAILBOX, /* the opening of one */
    OPS_RATE_DELIVERY,
};

enum ops_next {
    OPS_ANSWER, /* the answer is complete */
    OPS_HANDLE, /* call ops_handle, unless the client's rate is used up: then ops_refuse */
    OPS_WAIT,   /* call ops_begin */
    OPS_DROP,   /* there is no answer */
};

struct ops_answer {
    enum op_status status;
    size_t bytes;
    uint8_t p[OPS_P_BYTES_MAX];
};

struct ops_call {
    const struct ops *ops;

    /* In: the owner's. */
    uint8_t q[OPS_Q_BYTES_MAX];
    size_t q_bytes;
    size_t p_bytes_max; /* of the answer, at most OPS_P_BYTES_MAX; at least 844 */
    uint64_t client;    /* a keyed hash of the client's address; 0: it is not limited */
    void (*resume)(struct ops_call *call); /* any thread; the call is its owner's again */

    /* From ops_take on. */
    struct op_request request; /* points into q */

    /* An op's own, while it waits. */
    union {
        struct {
            struct post post;
            uint8_t key_hash[ID_BYTES];
            uint8_t records[OPS_RECORDS_MAX][RECORD_ADDRESSED_BYTES];
            uint8_t results[OPS_RECORDS_MAX];
            uint8_t copy[COPY_BYTES];
        } posting;
        struct {
            struct waiter waiter;
            bool has_cursor;
            struct brief_cursor cursor;
            uint8_t mailbox_id[MAILBOX_ID_BYTES]; /* of OP_READ_MAILBOX */
            bool ended;                           /* by ops_end_wait */
            int error;                            /* of the service's, why it cannot wait */
        } feed;
    };
};

/* Take a request apart. Returns: OPS_HANDLE (`*rate` is the kind that counts it), OPS_ANSWER (it is
 * malformed, or has an op that there is not), OPS_DROP. */
enum ops_next ops_take(struct ops_call *call, enum ops_rate *rate, struct ops_answer *answer);

/* Answer that it is too early, and that it is not for so many seconds. */
void ops_refuse(const struct ops_call *call, uint32_t retry_s, struct ops_answer *answer);

/* Do what is asked. Returns: OPS_ANSWER, OPS_WAIT. */
enum ops_next ops_handle(struct ops_call *call, struct ops_answer *answer);

/* Hand a waiting call over to the thread that will resume it, perhaps before this returns. */
void ops_begin(struct ops_call *call);

/* Go on with a call that was resumed. Returns: OPS_ANSWER, OPS_WAIT (call ops_begin again). */
enum ops_next ops_finish(struct ops_call *call, struct ops_answer *answer);

/* Whether a call that waits is for a feed or a mailbox, so that it may take long. */
bool ops_waits_long(const struct ops_call *call);

/* Whether two such calls are for the same. */
bool ops_wait_for_the_same(const struct ops_call *one, const struct ops_call *other);

/* Whether a call that waits brings a stamp, which somebody has to check. */
bool ops_has_stamp(const struct ops_call *call);

/* Have a call that waits long answered with what there is. Its owner's thread, between
 * ops_begin and ops_finish. */
void ops_end_wait(struct ops_call *call);

#endif
