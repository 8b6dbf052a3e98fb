#include "transport/v1_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "transport/v1_answers.h"
#include "transport/v1_exchange.h"

enum {
    /* More than any honest answer has, so that one too long is seen to be that. */
    SLOTS_BYTES_MAX = 4 * LINK_BUCKET_BYTES,
};

struct v1_links {
    struct link_server base;
    struct http *http;
};

static struct v1_links *of(struct link_server *server)
{
    return (struct v1_links *)server;
}

static int nonsense(struct link_server *server)
{
    if (!server->trouble)
        server->trouble = "the answer makes no sense";
    return -EPROTO;
}

static int ask(struct link_server *server, const struct http_request *request,
               struct http_answer *answer)
{
    struct http *http = of(server)->http;
    int err = v1_exchange(http, request, answer, &server->trouble);
    server->certain = http_is_certain(http);
    server->retry_after_ms = err == -EAGAIN ? http_retry_after_ms(http) : 0;
    if (!err)
        server->time_s = http_date_s(http);
    return err;
}

static int ask_server(struct v1_server *about, struct link_server *server, enum http_kind kind)
{
    const struct http_request request = {.method = HTTP_GET,
                                         .kind = kind,
                                         .path = "/v1/server",
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = ask(server, &request, &answer);
    if (!err && v1_take_server(about, &answer))
        err = nonsense(server);
    return err;
}

static int look(struct link_server *server)
{
    struct v1_server about;
    return ask_server(&about, server, HTTP_READ);
}

static int take_bucket(struct link_bucket *bucket, struct link_server *server,
                       const struct http_answer *answer)
{
    struct v1_bucket read;
    if (v1_take_posted_link(&read, answer))
        return nonsense(server);
    *bucket = (struct link_bucket){.id = read.id, .expires = read.expires};
    memcpy(bucket->bucket_hash, read.bucket_hash, ID_BYTES);
    return 0;
}

static int current(struct link_server *server, struct link_bucket *bucket)
{
    const struct http_request request = {.method = HTTP_GET,
                                         .kind = HTTP_READ,
                                         .path = "/v1/links",
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = ask(server, &request, &answer);
    return err ? err : take_bucket(bucket, server, &answer);
}

static int challenge(struct link_server *server, bool apart,
                     uint8_t shown[static STAMP_CHALLENGE_BYTES])
{
    struct v1_server about;
    int err = ask_server(&about, server, apart ? HTTP_APART : HTTP_READ);
    if (!err && !about.has_stamp)
        err = nonsense(server);
    if (!err)
        memcpy(shown, about.stamp.challenge, STAMP_CHALLENGE_BYTES);
    return err;
}

/* What is asked for instead of a stamp that is for another hour. */
static int learn_wanted(struct link_wanted *wanted, struct link_server *server,
                        const struct http_answer *answer)
{
    struct v1_stamp_wanted stated;
    struct v1_server about;
    if (answer->status == 429) {
        if (v1_take_stamp_wanted(&stated, answer))
            return nonsense(server);
        wanted->effort = stated.effort;
        memcpy(wanted->challenge, stated.challenge, sizeof wanted->challenge);
        return -EDQUOT;
    }
    int err = ask_server(&about, server, HTTP_READ);
    if (err)
        return err;
    if (!about.has_stamp || memcmp(wanted->challenge, about.stamp.challenge, ID_BYTES) == 0)
        return nonsense(server);
    wanted->effort = about.stamp.link_effort > 0 ? about.stamp.link_effort : 1;
    memcpy(wanted->challenge, about.stamp.challenge, ID_BYTES);
    return -EDQUOT;
}

static int post(struct link_server *server, const uint8_t blob[static LINK_BLOB_BYTES],
                const uint8_t *stamp, struct link_bucket *bucket, struct link_wanted *wanted)
{
    const struct http_request request = {.method = HTTP_POST,
                                         .kind = HTTP_LINK,
                                         .path = "/v1/links",
                                         .body = blob,
                                         .body_bytes = LINK_BLOB_BYTES,
                                         .stamp = stamp,
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = ask(server, &request, &answer);
    if ((err == -EAGAIN && v1_problem_is(&answer, "stamp")) ||
        (err == -EINVAL && stamp && v1_problem_is(&answer, "wrong-stamp")))
        return learn_wanted(wanted, server, &answer);
    return err ? err : take_bucket(bucket, server, &answer);
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

static int read_slots(struct link_server *server, const uint8_t bucket_hash[static ID_BYTES],
                      struct link_slots *slots)
{
    char path[sizeof "/v1/links/" + 2 * ID_BYTES] = "/v1/links/";
    hex_encode(path + strlen(path), bucket_hash, ID_BYTES);
    const struct http_request request = {
        .method = HTTP_GET, .kind = HTTP_READ, .path = path, .answer_bytes_max = SLOTS_BYTES_MAX};
    struct http_answer answer;
    int err = ask(server, &request, &answer);
    if (err)
        return err;
    *slots = (struct link_slots){.blobs = answer.body, .bytes = answer.bytes};
    slots->has_id = take_id(&slots->id, of(server)->http);
    return 0;
}

static int renew(struct link_server *server)
{
    return http_renew(of(server)->http);
}

static void free_links(struct link_server *server)
{
    free(server);
}

static const struct link_server_verbs v1_links_verbs = {
    .look = look,
    .current = current,
    .post = post,
    .challenge = challenge,
    .read = read_slots,
    .renew = renew,
    .free = free_links,
};

int v1_links_open(struct link_server **server, struct http *http)
{
    struct v1_links *links = calloc(1, sizeof *links);
    if (!links)
        return -ENOMEM;
    links->base.verbs = &v1_links_verbs;
    links->base.time_s = -1;
    links->http = http;
    *server = &links->base;
    return 0;
}
