/* A reply as a value, independent of the HTTP library. */
#ifndef REUNION_API_REPLY_H
#define REUNION_API_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/problem.h"
#include "service/blob.h"
#include "json/v1_json.h"

enum { REPLY_HEADERS_MAX = 4, REPLY_VALUE_BYTES = 192 };

struct reply_header {
    const char *name;
    char value[REPLY_VALUE_BYTES];
};

/* A header that is a constant, name and value. */
struct reply_constant {
    const char *name, *value;
};

struct reply {
    unsigned status; /* 0: none yet */
    const char *content_type;
    struct blob body;
    bool is_problem;
    enum problem problem; /* if so */
    struct reply_header headers[REPLY_HEADERS_MAX];
    size_t header_count;
    const struct reply_constant *constants; /* more of them; NULL: none */
    size_t constant_count;
    bool close; /* the connection, behind it */
};

/* Each sets all of the answer but the headers. */

/* Bytes, application/octet-stream; the blob becomes the reply's. */
void reply_bytes(struct reply *reply, unsigned status, struct blob body);

/* JSON, whose reference it takes; NULL, for want of memory, becomes "unavailable". */
void reply_json(struct reply *reply, unsigned status, json_t *json);

/* JSON that is text already, of which it keeps a copy. */
void reply_json_text(struct reply *reply, unsigned status, const char *text, size_t bytes);

/* An error, with Retry-After where trying again can help. */
void reply_problem(struct reply *reply, enum problem problem);

/* An error that will be over in `retry_s` seconds. */
void reply_problem_until(struct reply *reply, enum problem problem, uint32_t retry_s);

/* Work is asked for: the problem, with what it takes, and when none will be asked. */
void reply_problem_stamp(struct reply *reply, const struct v1_stamp_wanted *wanted,
                         uint32_t retry_s);

/* Text of another type, which is a constant; the blob becomes the reply's. */
void reply_text(struct reply *reply, const char *content_type, struct blob body);

/* A copy of what stays the caller's. */
void reply_copy(struct reply *reply, const char *content_type, const struct blob *body);

/* Nothing but a status. */
void reply_empty(struct reply *reply, unsigned status);

/* Add a header; `name` is a constant. An answer without Cache-Control is sent with "no-store". */
void reply_header(struct reply *reply, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Release the body. */
void reply_free(struct reply *reply);

#endif
