#include "asking.h"

#include <semaphore.h>
#include <string.h>

static sem_t resumed;

static void resume(struct ops_call *call)
{
    (void)call;
    sem_post(&resumed);
}

void asking_ops(struct ops *ops, struct host *host)
{
    *ops = (struct ops){
        .service = host->service,
        .open_window_s = 3600,
        .lifetime_s = 86400,
        .wait_s_max = 60,
        .records_per_post_max = 3,
    };
    memset(ops->salt, 's', sizeof ops->salt);
    sem_init(&resumed, 0, 0);
}

enum ops_next asking_begin(struct ops_call *call, const struct ops *ops, const void *q,
                           size_t q_bytes, size_t p_bytes_max, struct ops_answer *answer)
{
    enum ops_rate rate;
    memset(call, 7, sizeof *call);
    memset(answer, 7, sizeof *answer);
    call->ops = ops;
    memcpy(call->q, q, q_bytes);
    call->q_bytes = q_bytes;
    call->p_bytes_max = p_bytes_max;
    call->client = 0;
    call->resume = resume;
    enum ops_next next = ops_take(call, &rate, answer);
    return next == OPS_HANDLE ? ops_handle(call, answer) : next;
}

enum ops_next asking_wait(struct ops_call *call, struct ops_answer *answer)
{
    while (sem_wait(&resumed))
        ;
    return ops_finish(call, answer);
}

enum op_status asking(struct ops_call *call, const struct ops *ops, const void *q, size_t q_bytes,
                      size_t p_bytes_max, struct ops_answer *answer)
{
    struct op_answer apart;
    enum ops_next next = asking_begin(call, ops, q, q_bytes, p_bytes_max, answer);
    while (next == OPS_WAIT) {
        ops_begin(call);
        next = asking_wait(call, answer);
    }
    assert_int_equal(next, OPS_ANSWER);
    assert_in_range(answer->bytes, 1, p_bytes_max);
    assert_int_equal(op_answer_decode(&apart, (enum op)call->q[0], answer->p, answer->bytes), 0);
    assert_int_equal(apart.status, answer->status);
    return answer->status;
}

struct op_answer asking_request(struct ops_call *call, const struct ops *ops,
                                const struct op_request *request, struct ops_answer *answer)
{
    uint8_t q[OPS_Q_BYTES_MAX];
    size_t bytes;
    struct op_answer apart;
    assert_int_equal(op_request_encode(q, sizeof q, &bytes, request), 0);
    (void)asking(call, ops, q, bytes, P_LONG, answer);
    assert_int_equal(op_answer_decode(&apart, request->op, answer->p, answer->bytes), 0);
    return apart;
}
