#include <semaphore.h>
#include <string.h>

#include "fuzz/target.h"
#include "lib/host.h"
#include "ops/call.h"

/* Binary requests to a server in which two T1s, a T2 and a link stand, each behind its length (2)
 * and one byte: whether the answer is to be a short one. The T1s, their key and thus all ids are
 * always the same, so that the corpus can name them. */

enum { P_SHORT = 844 };

static struct host host;
static struct ops ops;
static sem_t resumed;

static void resume(struct ops_call *call)
{
    (void)call;
    sem_post(&resumed);
}

/* A post is answered when it is stored; a feed when the timer has done with it, which it has when
 * the clock's step is through. */
static enum ops_next wait_for_answer(struct ops_call *call, struct ops_answer *answer)
{
    ops_begin(call);
    if (ops_waits_long(call)) {
        host_advance(&host, ops.wait_s_max);
        INVARIANT(sem_trywait(&resumed) == 0);
    } else {
        while (sem_wait(&resumed))
            INVARIANT(errno == EINTR);
    }
    return ops_finish(call, answer);
}

/* Whatever is asked, the answer is one that there is, and has its bound. */
static void ask(const uint8_t *q, size_t bytes, bool is_short)
{
    static struct ops_call call;
    static struct ops_answer answer;
    struct op_answer apart;
    enum ops_rate rate;
    memset(&call, 7, sizeof call);
    call.ops = &ops;
    memcpy(call.q, q, bytes);
    call.q_bytes = bytes;
    call.p_bytes_max = is_short ? P_SHORT : OPS_P_BYTES_MAX;
    call.client = 0;
    call.resume = resume;
    enum ops_next next = ops_take(&call, &rate, &answer);
    if (next == OPS_HANDLE)
        next = ops_handle(&call, &answer);
    while (next == OPS_WAIT)
        next = wait_for_answer(&call, &answer);
    INVARIANT((next == OPS_DROP) == (q[0] == OP_MIX));
    if (next == OPS_DROP)
        return;
    INVARIANT(answer.bytes <= call.p_bytes_max);
    INVARIANT(op_answer_decode(&apart, (enum op)q[0], answer.p, answer.bytes) == 0);
    INVARIANT(apart.status == answer.status);
}

static void furnish(void)
{
    static const uint8_t key[WRITE_KEY_BYTES] = "the write key of both T1s, 32 B.";
    struct host_t1 ada, bob;
    struct post post;
    const struct service_settings settings = host_settings_with_mailboxes();
    host_open_with(&host, &settings);
    for (size_t i = 0; i < 2; i++) {
        struct host_t1 *t1 = i == 0 ? &ada : &bob;
        memset(t1->bytes, i == 0 ? 'a' : 'b', sizeof t1->bytes);
        post_t1_id(t1->id, t1->bytes);
        post_key_hash(t1->key_hash, key);
        INVARIANT(host_join(&host, t1, NULL) == POST_STORED);
    }
    INVARIANT(host_send(&host, &ada, &bob, RECORD_T2, '2', ada.bucket.bucket_hash, &post) ==
              POST_STORED);
    uint8_t blob[LINK_BLOB_BYTES];
    memset(blob, 'l', sizeof blob);
    post = (struct post){.kind = &post_link, .given = blob};
    INVARIANT(host_post(&host, &post) == POST_STORED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor from = cursor_over(data, size);
    furnish();
    ops = (struct ops){.service = host.service, .wait_s_max = 60, .records_per_post_max = 4};
    sem_init(&resumed, 0, 0);
    while (from.left > 0) {
        size_t bytes = cursor_be16(&from);
        bool is_short = cursor_u8(&from) & 1;
        const uint8_t *q = cursor_take(&from, bytes);
        if (!q || bytes == 0 || bytes > OPS_Q_BYTES_MAX)
            break;
        ask(q, bytes, is_short);
    }
    sem_destroy(&resumed);
    host_close(&host);
    return 0;
}
