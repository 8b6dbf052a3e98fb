#include "api/reply.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum { RETRY_AFTER_S = 1 };

static void set(struct reply *reply, unsigned status, const char *content_type, struct blob body)
{
    blob_free(&reply->body);
    reply->status = status;
    reply->content_type = content_type;
    reply->body = body;
    reply->is_problem = false;
    reply->constants = NULL;
    reply->constant_count = 0;
}

void reply_bytes(struct reply *reply, unsigned status, struct blob body)
{
    set(reply, status, "application/octet-stream", body);
}

void reply_text(struct reply *reply, const char *content_type, struct blob body)
{
    set(reply, 200, content_type, body);
}

void reply_copy(struct reply *reply, const char *content_type, const struct blob *body)
{
    struct blob copy;
    if (blob_copy(&copy, body))
        reply_problem(reply, PROBLEM_UNAVAILABLE);
    else
        reply_text(reply, content_type, copy);
}

void reply_empty(struct reply *reply, unsigned status)
{
    set(reply, status, NULL, (struct blob){0});
}

/* Takes the reference. Returns: whether there was memory for it. */
static bool print_json(struct blob *text, json_t *json)
{
    char *dumped = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (dumped)
        *text = (struct blob){(uint8_t *)dumped, strlen(dumped)};
    return dumped != NULL;
}

void reply_json(struct reply *reply, unsigned status, json_t *json)
{
    struct blob text;
    if (print_json(&text, json))
        set(reply, status, "application/json", text);
    else
        reply_problem(reply, PROBLEM_UNAVAILABLE);
}

void reply_json_text(struct reply *reply, unsigned status, const char *text, size_t bytes)
{
    struct blob body;
    if (blob_new(&body, 1, bytes)) {
        reply_problem(reply, PROBLEM_UNAVAILABLE);
        return;
    }
    blob_add(&body, (const uint8_t *)text, bytes);
    set(reply, status, "application/json", body);
}

static json_t *problem_json(enum problem problem)
{
    const struct problem_text *text = &problem_texts[problem];
    return v1_problem_encode(text->slug, text->status, text->title, text->detail);
}

static void set_problem(struct reply *reply, enum problem problem, json_t *json)
{
    unsigned status = problem_texts[problem].status;
    struct blob body;
    if (print_json(&body, json))
        set(reply, status, "application/problem+json", body);
    else
        reply_empty(reply, status);
    reply->is_problem = true;
    reply->problem = problem;
}

void reply_problem(struct reply *reply, enum problem problem)
{
    set_problem(reply, problem, problem_json(problem));
    if (reply->status == 503)
        reply_header(reply, "Retry-After", "%d", RETRY_AFTER_S);
    else if (reply->status == 401)
        reply_header(reply, "WWW-Authenticate", "Bearer");
}

void reply_problem_stamp(struct reply *reply, const struct v1_stamp_wanted *wanted,
                         uint32_t retry_s)
{
    set_problem(reply, PROBLEM_STAMP, v1_problem_add_stamp(problem_json(PROBLEM_STAMP), wanted));
    reply_header(reply, "Retry-After", "%" PRIu32, retry_s);
}

/* What has one as it is has it as its last header. */
void reply_problem_until(struct reply *reply, enum problem problem, uint32_t retry_s)
{
    reply_problem(reply, problem);
    if (problem_texts[problem].status == 503)
        reply->header_count--;
    reply_header(reply, "Retry-After", "%" PRIu32, retry_s);
}

void reply_header(struct reply *reply, const char *name, const char *format, ...)
{
    INVARIANT(reply->header_count < REPLY_HEADERS_MAX);
    struct reply_header *header = &reply->headers[reply->header_count++];
    va_list arguments;
    header->name = name;
    va_start(arguments, format);
    int length = vsnprintf(header->value, sizeof header->value, format, arguments);
    va_end(arguments);
    INVARIANT(length >= 0 && (size_t)length < sizeof header->value);
}

void reply_free(struct reply *reply)
{
    blob_free(&reply->body);
}
