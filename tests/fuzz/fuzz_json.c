#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"
#include "lib/posted_t1.h"
#include "transport/v1_answers.h"

/* Whatever JSON a server answers, the client refuses it or understands it: what it understood,
 * written again and read again, is the same. The first byte says which answer it is. */

enum { RECORDS = 16 };

/* Write a value and have it read again as an answer. */
static struct http_answer answer_of(json_t *json, char **text)
{
    INVARIANT(json);
    *text = json_dumps(json, JSON_COMPACT);
    INVARIANT(*text);
    json_decref(json);
    return (struct http_answer){200, (const uint8_t *)*text, strlen(*text)};
}

static void server(const struct http_answer *answer)
{
    struct v1_server read, again;
    char *text;
    memset(&read, 0, sizeof read);
    memset(&again, 0, sizeof again);
    if (v1_take_server(&read, answer))
        return;
    struct http_answer written = answer_of(v1_server_encode(&read), &text);
    INVARIANT(v1_take_server(&again, &written) == 0);
    INVARIANT(strcmp(read.name, again.name) == 0 && strcmp(read.version, again.version) == 0);
    INVARIANT(memcmp(read.salt, again.salt, SALT_BYTES) == 0);
    INVARIANT(read.open_window_s == again.open_window_s && read.lifetime_s == again.lifetime_s);
    INVARIANT(read.bucket_capacity == again.bucket_capacity && read.wait_s_max == again.wait_s_max);
    free(text);
}

static bool same_bucket(const struct v1_bucket *one, const struct v1_bucket *other)
{
    return one->id.created == other->id.created && one->id.sequence == other->id.sequence &&
           memcmp(one->bucket_hash, other->bucket_hash, ID_BYTES) == 0 &&
           one->count == other->count && one->open == other->open && one->expires == other->expires;
}

static void bucket(const struct http_answer *answer)
{
    struct v1_bucket read, again;
    char *text;
    if (v1_take_bucket(&read, answer))
        return;
    struct http_answer written = answer_of(v1_bucket_encode(&read), &text);
    INVARIANT(v1_take_bucket(&again, &written) == 0 && same_bucket(&read, &again));
    free(text);
}

static void posted_t1(const struct http_answer *answer)
{
    uint8_t t1_id[ID_BYTES];
    struct v1_bucket read, again;
    char *text;
    memset(t1_id, 0xaa, sizeof t1_id);
    if (v1_take_posted_t1(&read, t1_id, answer))
        return;
    struct http_answer written = answer_of(posted_t1_encode(&read, t1_id), &text);
    INVARIANT(v1_take_posted_t1(&again, t1_id, &written) == 0 && same_bucket(&read, &again));
    free(text);
}

static void posted_link(const struct http_answer *answer)
{
    struct v1_bucket read, again;
    char *text;
    if (v1_take_posted_link(&read, answer))
        return;
    struct http_answer written = answer_of(v1_posted_link_encode(&read), &text);
    INVARIANT(v1_take_posted_link(&again, &written) == 0 && same_bucket(&read, &again));
    INVARIANT(read.count == 0);
    free(text);
}

static void buckets(const struct http_answer *answer)
{
    static struct v1_bucket read[V1_PAGE_MAX], again[V1_PAGE_MAX];
    size_t count, count_again;
    bool more, more_again;
    char *text;
    if (v1_take_buckets(read, &count, &more, answer))
        return;
    INVARIANT(count <= V1_PAGE_MAX);
    struct http_answer written = answer_of(v1_buckets_encode(read, count, more), &text);
    INVARIANT(v1_take_buckets(again, &count_again, &more_again, &written) == 0);
    INVARIANT(count == count_again && more == more_again);
    for (size_t i = 0; i < count; i++)
        INVARIANT(same_bucket(&read[i], &again[i]));
    free(text);
}

static void receipt(const struct http_answer *answer)
{
    bool refused[RECORDS];
    size_t total = 0;
    if (v1_take_receipt(refused, RECORDS, answer))
        return;
    for (size_t i = 0; i < RECORDS; i++)
        total += refused[i] ? 1 : 0;
    INVARIANT(total <= RECORDS);
}

static void problem(const struct http_answer *answer)
{
    INVARIANT(!(v1_problem_is(answer, "bucket-full") && v1_problem_is(answer, "wrong-key")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct http_answer answer = {200, data + 1, size - 1};
    switch (data[0]) {
    case 's':
        server(&answer);
        break;
    case 'b':
        bucket(&answer);
        break;
    case 't':
        posted_t1(&answer);
        break;
    case 'l':
        posted_link(&answer);
        break;
    case 'p':
        buckets(&answer);
        break;
    case 'r':
        receipt(&answer);
        break;
    default:
        problem(&answer);
    }
    return 0;
}
