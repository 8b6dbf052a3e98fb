#include "transport/v1_links.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "transport/v1_answers.h"
#include "transport/v1_exchange.h"

enum {
    /* More than any honest answer has, so that one too long is seen to be that. */
    SLOTS_BYTES_MAX = 4 * LINK_BUCKET_BYTES,
};

static int nonsense(const char **trouble)
{
    if (!*trouble)
        *trouble = "the answer makes no sense";
    return -EPROTO;
}

static int ask_server(struct v1_server *server, struct http *http, enum http_kind kind,
                      const char **trouble)
{
    const struct http_request request = {.method = HTTP_GET,
                                         .kind = kind,
                                         .path = "/v1/server",
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = v1_exchange(http, &request, &answer, trouble);
    if (!err && v1_take_server(server, &answer))
        err = nonsense(trouble);
    return err;
}

int v1_links_look(struct http *http, const char **trouble)
{
    struct v1_server server;
    return ask_server(&server, http, HTTP_READ, trouble);
}

int v1_links_current(struct v1_bucket *bucket, struct http *http, const char **trouble)
{
    const struct http_request request = {.method = HTTP_GET,
                                         .kind = HTTP_READ,
                                         .path = "/v1/links",
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = v1_exchange(http, &request, &answer, trouble);
    if (!err && v1_take_posted_link(bucket, &answer))
        err = nonsense(trouble);
    return err;
}

int v1_links_challenge(uint8_t challenge[static STAMP_CHALLENGE_BYTES], struct http *http,
                       enum http_kind kind, const char **trouble)
{
    struct v1_server server;
    int err = ask_server(&server, http, kind, trouble);
    if (!err && !server.has_stamp)
        err = nonsense(trouble);
    if (!err)
        memcpy(challenge, server.stamp.challenge, STAMP_CHALLENGE_BYTES);
    return err;
}

/* What is asked for instead of a stamp that is for another hour. */
static int learn_wanted(struct v1_stamp_wanted *wanted, struct http *http,
                        const struct http_answer *answer, const char **trouble)
{
    struct v1_server server;
    if (answer->status == 429)
        return v1_take_stamp_wanted(wanted, answer) ? nonsense(trouble) : -EDQUOT;
    int err = ask_server(&server, http, HTTP_READ, trouble);
    if (err)
        return err;
    if (!server.has_stamp || memcmp(wanted->challenge, server.stamp.challenge, ID_BYTES) == 0)
        return nonsense(trouble);
    wanted->effort = server.stamp.link_effort > 0 ? server.stamp.link_effort : 1;
    memcpy(wanted->challenge, server.stamp.challenge, ID_BYTES);
    return -EDQUOT;
}

int v1_links_post(struct v1_bucket *bucket, struct http *http,
                  const uint8_t blob[static LINK_BLOB_BYTES], const uint8_t *stamp,
                  struct v1_stamp_wanted *wanted, const char **trouble)
{
    const struct http_request request = {.method = HTTP_POST,
                                         .kind = HTTP_LINK,
                                         .path = "/v1/links",
                                         .body = blob,
                                         .body_bytes = LINK_BLOB_BYTES,
                                         .stamp = stamp,
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = v1_exchange(http, &request, &answer, trouble);
    if ((err == -EAGAIN && v1_problem_is(&answer, "stamp")) ||
        (err == -EINVAL && stamp && v1_problem_is(&answer, "wrong-stamp")))
        return learn_wanted(wanted, http, &answer, trouble);
    if (!err && v1_take_posted_link(bucket, &answer))
        err = nonsense(trouble);
    return err;
}

/* The id in the last answer's header. Returns: whether there is one. */
static bool take_id(struct bucket_id *id, struct http *http)
{
    uint8_t binary[BUCKET_ID_BINARY_BYTES];
    const char *text = http_header(http, V1_BUCKET_ID_HEADER);
    if (!text || hex_decode(binary, sizeof binary, text))
        return false;
    bucket_id_unpack(id, binary);
    return true;
}

int v1_links_read(struct v1_link_slots *slots, struct http *http,
                  const uint8_t bucket_hash[static ID_BYTES], const char **trouble)
{
    char path[sizeof "/v1/links/" + 2 * ID_BYTES] = "/v1/links/";
    hex_encode(path + strlen(path), bucket_hash, ID_BYTES);
    const struct http_request request = {
        .method = HTTP_GET, .kind = HTTP_READ, .path = path, .answer_bytes_max = SLOTS_BYTES_MAX};
    struct http_answer answer;
    int err = v1_exchange(http, &request, &answer, trouble);
    if (err)
        return err;
    *slots = (struct v1_link_slots){.blobs = answer.body, .bytes = answer.bytes};
    slots->has_id = take_id(&slots->id, http);
    return 0;
}
