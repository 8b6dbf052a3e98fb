#include "transport/v1_exchange.h"

#include <stddef.h>

#include "transport/foreign_answer.h"
#include "transport/v1_answers.h"

/* What an answer of somebody else means. A bucket that is not there, full or over is taken as said:
 * some proxies put pages of their own in the place of such answers. */
static int error_of_foreign_answer(enum foreign_answer foreign, long status)
{
    if (foreign_answer_may_go(foreign))
        return -EAGAIN;
    int err = v1_status_error(status);
    if (foreign == FOREIGN_OTHER && err == -EINVAL)
        return -EAGAIN;
    if (foreign == FOREIGN_OTHER && err)
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
    enum foreign_answer foreign = foreign_answer_of(http, answer);
    if (foreign != FOREIGN_NONE) {
        *trouble = foreign_answer_explain(http, answer, foreign);
        return error_of_foreign_answer(foreign, answer->status);
    }
    err = v1_status_error(answer->status);
    if (err && v1_problem_is(answer, "key-required"))
        *trouble = "our write key did not arrive: something in between takes the Authorization "
                   "header away";
    else if (err)
        *trouble = v1_status_text(answer->status);
    return err;
}
