#include "transport/v1_answers.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int v1_status_error(long status)
{
    switch (status) {
    case 200:
    case 201:
        return 0;
    case 400:
    case 405:
    case 411:
    case 413:
    case 414:
    case 415:
        return -EINVAL;
    case 401:
    case 403:
        return -EACCES;
    case 404:
        return -ENOENT;
    case 409:
        return -ENOSPC;
    case 410:
        return -EKEYEXPIRED;
    case 408:
    case 429:
        return -EAGAIN;
    default:
        return status >= 500 && status <= 599 ? -EAGAIN : -EPROTO;
    }
}

const char *v1_status_text(long status)
{
    switch (v1_status_error(status)) {
    case -EINVAL:
        return "the request was refused as wrong";
    case -EACCES:
        return "not allowed";
    case -ENOENT:
        return "no such thing there";
    case -EKEYEXPIRED:
        return "past its lifetime";
    case -ENOSPC:
        return "no room there";
    case -EAGAIN:
        return status == 429   ? "too many requests, asked to come later"
               : status == 503 ? "asked to come later, by status 503"
               : status == 408 ? "the request did not come to its end in time, status 408"
               : status == 500 ? "an error inside the server, status 500"
                               : "an error inside the server, a status from 501 on";
    default:
        return "an answer with an unexpected status";
    }
}

bool v1_cursor_is_sound(const char *cursor)
{
    size_t bytes = strlen(cursor);
    return bytes > 0 && bytes < V1_CURSOR_BYTES &&
           strspn(cursor, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") ==
               bytes;
}

/* The body as a JSON object, or NULL. */
static json_t *parse(const struct http_answer *answer)
{
    if (answer->bytes == 0)
        return NULL;
    return json_loadb((const char *)answer->body, answer->bytes, JSON_REJECT_DUPLICATES, NULL);
}

/* Whether an answer is a problem, of that type unless `slug` is NULL. */
static bool is_problem(const struct http_answer *answer, const char *slug)
{
    static const char prefix[] = "urn:reunion:problem:";
    json_t *json = parse(answer);
    const char *type = json_string_value(json_object_get(json, "type"));
    bool is = type && strncmp(type, prefix, sizeof prefix - 1) == 0 &&
              (!slug || strcmp(type + sizeof prefix - 1, slug) == 0);
    json_decref(json);
    return is;
}

bool v1_problem_is(const struct http_answer *answer, const char *slug)
{
    return is_problem(answer, slug);
}

bool v1_is_problem(const struct http_answer *answer)
{
    return is_problem(answer, NULL);
}

int v1_take_server(struct v1_server *server, const struct http_answer *answer)
{
    json_t *json = parse(answer);
    struct v1_server read;
    int err = v1_server_decode(&read, json);
    json_decref(json);
    if (err || read.records_per_post_max == 0 || read.wait_s_max == 0)
        return -EPROTO;
    *server = read;
    return 0;
}

int v1_take_paid(struct v1_paid *paid, const struct http_answer *answer)
{
    json_t *json = parse(answer);
    int err = json ? v1_paid_decode(paid, json) : -EPROTO;
    json_decref(json);
    return err == 0 || err == -ENOENT ? err : -EPROTO;
}

int v1_take_stamp_wanted(struct v1_stamp_wanted *wanted, const struct http_answer *answer)
{
    json_t *json = parse(answer);
    int err = json ? v1_stamp_wanted_decode(wanted, json) : -EPROTO;
    json_decref(json);
    return err ? -EPROTO : 0;
}

int v1_take_bucket(struct v1_bucket *bucket, const struct http_answer *answer)
{
    json_t *json = parse(answer);
    int err = v1_bucket_decode(bucket, json);
    json_decref(json);
    return err ? -EPROTO : 0;
}

int v1_take_posted_t1(struct v1_bucket *bucket, const uint8_t t1_id[static ID_BYTES],
                      const struct http_answer *answer)
{
    uint8_t stated[ID_BYTES];
    json_t *json = parse(answer);
    int err = v1_posted_t1_decode(bucket, stated, json);
    json_decref(json);
    return err || memcmp(stated, t1_id, ID_BYTES) != 0 ? -EPROTO : 0;
}

int v1_take_posted_link(struct v1_bucket *bucket, const struct http_answer *answer)
{
    json_t *json = parse(answer);
    int err = v1_posted_link_decode(bucket, json);
    json_decref(json);
    return err ? -EPROTO : 0;
}

int v1_take_buckets(struct v1_bucket *page, size_t *count, bool *more,
                    const struct http_answer *answer)
{
    json_t *json = parse(answer);
    int err = v1_buckets_decode(page, V1_PAGE_MAX, count, more, json);
    json_decref(json);
    return err ? -EPROTO : 0;
}

int v1_take_receipt(bool *refused, size_t count, const struct http_answer *answer)
{
    struct v1_receipt receipt = {.refusals = calloc(count, sizeof *receipt.refusals)};
    if (!receipt.refusals)
        return -ENOMEM;
    json_t *json = parse(answer);
    int err = v1_receipt_decode(&receipt, count, json) ? -EPROTO : 0;
    json_decref(json);
    if (!err && (uint64_t)receipt.stored + receipt.duplicate + receipt.refused != count)
        err = -EPROTO;
    memset(refused, 0, count * sizeof *refused);
    for (size_t i = 0; i < receipt.refused && !err; i++) {
        if (receipt.refusals[i].index >= count)
            err = -EPROTO;
        else
            refused[receipt.refusals[i].index] = true;
    }
    free(receipt.refusals);
    return err;
}
