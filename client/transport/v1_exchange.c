#include "transport/v1_exchange.h"

#include <stddef.h>

#include "transport/foreign_answer.h"
#include "transport/v1_answers.h"

/* What an answer of somebody else means. A bucket that is not there, full or over is taken as said:
 * some proxies put pages of their own in the place of such answers. */
static int error_of_stranger(enum stranger stranger, long status)
{
    if (stranger_may_go(stranger))
        return -EAGAIN;
    int err = v1_status_error(status);
    if (stranger == STRANGER_OTHER && err == -EINVAL)
        return -EAGAIN;
    if (stranger == STRANGER_OTHER && err)
        return err;
    return -EPROTO;
}

int v1_exchange(struct http *http, const struct http_request *request, struct http_answer *answer,
                const char **trouble)
{
    *trouble = NULL;
    int err = http_exchange(http, request, answer);
    if (err) {
        *trouble = http_trouble(http);
        return err;
    }
    enum stranger stranger = stranger_of(http, answer);
    if (stranger != STRANGER_NONE) {
        *trouble = stranger_explain(http, answer, stranger);
        return error_of_stranger(stranger, answer->status);
    }
    err = v1_status_error(answer->status);
    if (err && v1_problem_is(answer, "key-required"))
        *trouble = "our write key did not arrive: something in between takes the Authorization "
                   "header away";
    else if (err)
        *trouble = v1_status_text(answer->status);
    return err;
}
