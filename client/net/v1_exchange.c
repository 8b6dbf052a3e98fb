#include "net/v1_exchange.h"

#include <stddef.h>

#include "net/v1_answers.h"

int v1_exchange(struct http *http, const struct http_request *request, struct http_answer *answer,
                const char **trouble)
{
    *trouble = NULL;
    int err = http_exchange(http, request, answer);
    if (err) {
        *trouble = http_trouble(http);
        return err;
    }
    err = v1_status_error(answer->status);
    if (err)
        *trouble = v1_status_text(answer->status);
    return err;
}
