#include "net/v1_links.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "net/v1_answers.h"
#include "net/v1_exchange.h"

enum {
    /* More than any honest answer has, so that one too long is seen to be that. */
    PLACES_BYTES_MAX = 4 * LINK_BUCKET_BYTES,
};

static int nonsense(const char **trouble)
{
    *trouble = "the answer makes no sense";
    return -EPROTO;
}

int v1_links_window(uint64_t *open_window_s, struct http *http, const char **trouble)
{
    const struct http_request request = {.method = HTTP_GET,
                                         .kind = HTTP_READ,
                                         .path = "/v1/server",
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    struct v1_server server;
    int err = v1_exchange(http, &request, &answer, trouble);
    if (!err && v1_take_server(&server, &answer))
        err = nonsense(trouble);
    if (!err)
        *open_window_s = server.open_window_s;
    return err;
}

int v1_links_post(struct v1_bucket *bucket, struct http *http,
                  const uint8_t blob[static LINK_BLOB_BYTES], const char **trouble)
{
    const struct http_request request = {.method = HTTP_POST,
                                         .kind = HTTP_LINK,
                                         .path = "/v1/links",
                                         .body = blob,
                                         .body_bytes = LINK_BLOB_BYTES,
                                         .answer_bytes_max = V1_JSON_BYTES_MAX};
    struct http_answer answer;
    int err = v1_exchange(http, &request, &answer, trouble);
    if (!err && v1_take_posted_link(bucket, &answer))
        err = nonsense(trouble);
    return err;
}

/* The id in the last answer's header. Gives: whether there is one. */
static bool take_id(struct bucket_id *id, struct http *http)
{
    uint8_t binary[BUCKET_ID_BINARY_BYTES];
    const char *text = http_header(http, V1_BUCKET_ID_HEADER);
    if (!text || hex_decode(binary, sizeof binary, text))
        return false;
    bucket_id_unpack(id, binary);
    return true;
}

int v1_links_read(struct v1_places *places, struct http *http, const uint8_t link[static ID_BYTES],
                  const char **trouble)
{
    char path[sizeof "/v1/links/" + 2 * ID_BYTES] = "/v1/links/";
    hex_encode(path + strlen(path), link, ID_BYTES);
    const struct http_request request = {
        .method = HTTP_GET, .kind = HTTP_READ, .path = path, .answer_bytes_max = PLACES_BYTES_MAX};
    struct http_answer answer;
    int err = v1_exchange(http, &request, &answer, trouble);
    if (err)
        return err;
    *places = (struct v1_places){.blobs = answer.body, .bytes = answer.bytes};
    places->has_id = take_id(&places->id, http);
    return 0;
}
