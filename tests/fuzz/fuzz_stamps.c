#include <stdlib.h>
#include <string.h>

#include "api/request.h"
#include "base/err.h"
#include "fuzz/target.h"
#include "transport/stamp_list.h"
#include "transport/v1_answers.h"

/* What is said of stamps: in a bucket's answer, in JSON, in the header of a request. What is
 * understood, written again and read again, is the same; what is refused has left its target alone.
 * The first byte says which of them it is. */

enum { HEADER_BYTES = 256 };

static bool is_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return false;
    return true;
}

/* Every stamp that is told is worth something, has one of the challenges, and is of a T1 that lies
 * in the answer, behind the one before it. */
static void of_bucket(const struct http_answer *answer)
{
    struct stamp_list stamps;
    struct transport_stamp reported;
    const uint8_t *id;
    size_t count = 0;
    int err = stamp_list_open(&stamps, answer->body, answer->bytes);
    INVARIANT(err == 0 || err == -EPROTO);
    if (err)
        return;
    INVARIANT(stamps.count <= BUCKET_CAPACITY && answer->bytes >= 1);
    const uint8_t *last = answer->body;
    while (stamp_list_next(&stamps, &id, &reported)) {
        bool known = false;
        INVARIANT(id > last && id + ID_BYTES <= answer->body + answer->bytes);
        INVARIANT(reported.stamp.effort > 0);
        for (size_t i = 0; i < stamps.count; i++)
            known |= stamps.hours[i] == reported.stamp.hour &&
                     memcmp(stamps.challenges[i], reported.challenge, STAMP_CHALLENGE_BYTES) == 0;
        INVARIANT(known);
        last = id;
        count++;
    }
    INVARIANT(count <= BUCKET_CAPACITY && !stamp_list_next(&stamps, &id, &reported));
}

/* Write a value; the answer's text is to be freed. */
static struct http_answer answer_of(json_t *json, char **text)
{
    INVARIANT(json);
    *text = json_dumps(json, JSON_COMPACT);
    INVARIANT(*text);
    json_decref(json);
    return (struct http_answer){200, (const uint8_t *)*text, strlen(*text)};
}

static void wanted(const struct http_answer *answer)
{
    struct v1_stamp_wanted read, again;
    char *text;
    memset(&read, 0, sizeof read);
    memset(&again, 0, sizeof again);
    if (v1_take_stamp_wanted(&read, answer)) {
        INVARIANT(is_zero((const uint8_t *)&read, sizeof read));
        return;
    }
    INVARIANT(read.effort > 0);
    struct http_answer written =
        answer_of(v1_problem_add_stamp(v1_problem_encode("stamp", 429, "", ""), &read), &text);
    INVARIANT(v1_problem_is(&written, "stamp"));
    INVARIANT(v1_take_stamp_wanted(&again, &written) == 0);
    INVARIANT(read.effort == again.effort && read.until == again.until);
    INVARIANT(memcmp(read.challenge, again.challenge, sizeof read.challenge) == 0);
    free(text);
}

static void of_server(const struct http_answer *answer)
{
    struct v1_server read, again;
    char *text;
    memset(&read, 0, sizeof read);
    memset(&again, 0, sizeof again);
    if (v1_take_server(&read, answer))
        return;
    struct http_answer written = answer_of(v1_server_encode(&read), &text);
    INVARIANT(v1_take_server(&again, &written) == 0);
    INVARIANT(read.has_stamp == again.has_stamp);
    INVARIANT(read.stamp.t1_effort == again.stamp.t1_effort &&
              read.stamp.link_effort == again.stamp.link_effort &&
              read.stamp.until == again.stamp.until);
    INVARIANT(memcmp(read.stamp.challenge, again.stamp.challenge, ID_BYTES) == 0);
    free(text);
}

static void paid(const struct http_answer *answer)
{
    struct v1_paid read, again;
    char *text;
    memset(&read, 0, sizeof read);
    memset(&again, 0, sizeof again);
    int err = v1_take_paid(&read, answer);
    INVARIANT(err == 0 || err == -ENOENT || err == -EPROTO);
    if (err) {
        INVARIANT(is_zero((const uint8_t *)&read, sizeof read));
        return;
    }
    struct http_answer written =
        answer_of(v1_buckets_add_paid(v1_buckets_encode(NULL, 0, false), &read), &text);
    INVARIANT(v1_take_paid(&again, &written) == 0);
    INVARIANT(read.effort == again.effort);
    INVARIANT(memcmp(read.classes, again.classes, sizeof read.classes) == 0);
    free(text);
}

/* Only 32 digits are a stamp. */
static void header(const uint8_t *data, size_t size)
{
    char text[HEADER_BYTES + 1] = "";
    uint8_t nonce[STAMP_NONCE_BYTES] = {0};
    memcpy(text, data, size < HEADER_BYTES ? size : HEADER_BYTES);
    const struct request request = {.stamp = text};
    int err = request_stamp(&request, nonce);
    INVARIANT(err == 0 || err == -EBADMSG);
    INVARIANT((err == 0) == (strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct http_answer answer = {200, data + 1, size - 1};
    switch (data[0]) {
    case 'b':
        of_bucket(&answer);
        break;
    case 'w':
        wanted(&answer);
        break;
    case 's':
        of_server(&answer);
        break;
    case 'p':
        paid(&answer);
        break;
    default:
        header(data + 1, size - 1);
    }
    return 0;
}
