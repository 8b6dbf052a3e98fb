#include "http/canned.h"

#include <stdio.h>

#include "api/reply.h"

/* The headers a reply for that problem would have. */
static int print_headers(const struct reply *reply, char *to, size_t room)
{
    size_t length = 0;
    to[0] = '\0';
    for (size_t i = 0; i < reply->header_count && length < room; i++)
        length += (size_t)snprintf(to + length, room - length, "%s: %s\r\n", reply->headers[i].name,
                                   reply->headers[i].value);
    return length < room ? 0 : -ENOMEM;
}

int canned_make(struct canned *canned, enum problem problem)
{
    struct reply reply = {0};
    char headers[CANNED_BYTES / 4];
    reply_problem(&reply, problem);
    int err = reply.body.data ? print_headers(&reply, headers, sizeof headers) : -ENOMEM;
    int length = 0;
    if (!err)
        length = snprintf(canned->text, sizeof canned->text,
                          "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
                          "Cache-Control: no-store\r\nConnection: close\r\n\r\n%.*s",
                          reply.status, problem_texts[problem].title, reply.content_type,
                          reply.body.bytes, headers, (int)reply.body.bytes,
                          (const char *)reply.body.data);
    reply_free(&reply);
    if (err)
        return err;
    INVARIANT(length > 0 && (size_t)length < sizeof canned->text);
    canned->bytes = (size_t)length;
    return 0;
}
