#include "net/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/secret.h"

enum {
    CONNECT_MS_MAX = 20 * 1000,
    SILENCE_S_MAX = 20, /* without a byte, beyond what the request allows */
    EXCHANGE_MS_MAX = 5 * 60 * 1000,
    POLL_MS = 1000, /* libcurl's own timers shorten it */
};

/* "Authorization: Bearer " and the digits; guarded, as it is the right to write. */
static const char bearer[] = "Authorization: Bearer ";
enum { BEARER_BYTES = sizeof bearer + 2 * WRITE_KEY_BYTES };

struct http {
    CURLM *multi;
    CURL *easy;
    const struct stop_source *stop;
    char *authorization; /* guarded, BEARER_BYTES */
    const char *trouble;
    char url[HTTP_URL_BYTES_MAX]; /* the base, and behind it the path of the current request */
    size_t base_bytes;

    uint8_t *body;
    size_t bytes, room, bytes_max;
    size_t header_bytes;
    bool no_memory;
};

/* libcurl wants to be made ready once, before threads; clients come here from main. */
static int curl_ready(void)
{
    static bool ready;
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -EIO;
    ready = true;
    return 0;
}

static char *url_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = url_part(url, part);
    curl_free(text);
    return text != NULL;
}

/* http or https and a host, and nothing a server has no use for or that would be logged. */
static int check_url(const char *text)
{
    int err = -EINVAL;
    char *scheme = NULL;
    CURLU *url = curl_url();
    if (!url)
        return -ENOMEM;
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        goto out;
    scheme = url_part(url, CURLUPART_SCHEME);
    if (!scheme || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        goto out;
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD) ||
        has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT))
        goto out;
    err = 0;
out:
    curl_free(scheme);
    curl_url_cleanup(url);
    return err;
}

static int grow(struct http *http, size_t need)
{
    size_t room = http->room > 0 ? http->room : 4096;
    while (room < need)
        room *= 2;
    if (room > http->bytes_max)
        room = http->bytes_max;
    uint8_t *wider = realloc(http->body, room);
    if (!wider)
        return -ENOMEM;
    http->body = wider;
    http->room = room;
    return 0;
}

static size_t take_body(char *data, size_t one, size_t bytes, void *state)
{
    (void)one;
    struct http *http = state;
    if (bytes > http->bytes_max - http->bytes)
        return 0;
    if (http->bytes + bytes > http->room && grow(http, http->bytes + bytes)) {
        http->no_memory = true;
        return 0;
    }
    if (bytes > 0)
        memcpy(http->body + http->bytes, data, bytes);
    http->bytes += bytes;
    return bytes;
}

static size_t count_header(char *data, size_t one, size_t bytes, void *state)
{
    (void)data;
    (void)one;
    struct http *http = state;
    http->header_bytes += bytes;
    return http->header_bytes > HTTP_HEADER_BYTES_MAX ? 0 : bytes;
}

/* What holds for every request. */
static int set_up(struct http *http)
{
    CURL *easy = http->easy;
    CURLcode failed = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") |
                      curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) |
                      curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) |
                      curl_easy_setopt(easy, CURLOPT_PROXY, "") |
                      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) |
                      curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) |
                      curl_easy_setopt(easy, CURLOPT_USERAGENT, "reunion") |
                      curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L) |
                      curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS_MAX) |
                      curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) |
                      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) |
                      curl_easy_setopt(easy, CURLOPT_WRITEDATA, http) |
                      curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header) |
                      curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
    return failed ? -EIO : 0;
}

int http_open(struct http **http, const char *base_url, const struct stop_source *stop)
{
    int err = curl_ready();
    if (!err)
        err = check_url(base_url);
    if (err)
        return err;
    size_t bytes = strlen(base_url);
    while (bytes > 0 && base_url[bytes - 1] == '/')
        bytes--;
    if (bytes >= HTTP_URL_BYTES_MAX)
        return -EINVAL;
    struct http *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    memcpy(made->url, base_url, bytes);
    made->base_bytes = bytes;
    made->stop = stop;
    made->multi = curl_multi_init();
    made->easy = curl_easy_init();
    made->authorization = secret_alloc(BEARER_BYTES);
    err = made->multi && made->easy && made->authorization ? set_up(made) : -ENOMEM;
    if (err) {
        http_free(made);
        return err;
    }
    memcpy(made->authorization, bearer, sizeof bearer);
    *http = made;
    return 0;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->easy);
    if (http->multi)
        curl_multi_cleanup(http->multi);
    secret_free(http->authorization);
    free(http->body);
    free(http);
}

/* Prepare the handle for one request; `headers` must live until it is done. */
static int prepare(struct http *http, const struct http_request *request,
                   const struct curl_slist *headers)
{
    size_t path_bytes = strlen(request->path);
    if (path_bytes >= sizeof http->url - http->base_bytes)
        return -EINVAL;
    memcpy(http->url + http->base_bytes, request->path, path_bytes + 1);
    http->bytes = http->header_bytes = 0;
    http->bytes_max = request->answer_bytes_max;
    http->no_memory = false;

    CURL *easy = http->easy;
    bool post = request->method == HTTP_POST;
    long silence_s = (long)(request->wait_ms / 1000) + SILENCE_S_MAX;
    CURLcode failed =
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) |
        curl_easy_setopt(easy, CURLOPT_URL, http->url) |
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) |
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, silence_s) |
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->wait_ms + EXCHANGE_MS_MAX);
    if (post)
        failed |=
            curl_easy_setopt(easy, CURLOPT_POST, 1L) |
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes) |
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    return failed ? -ENOMEM : 0;
}

/* Drive the transfer to its end, or to a stop. */
static int drive(struct http *http)
{
    struct curl_waitfd stop = {.fd = http->stop->fd, .events = CURL_WAIT_POLLIN};
    unsigned extra = http->stop->fd >= 0 ? 1 : 0;
    int running = 1;
    while (running) {
        if (curl_multi_perform(http->multi, &running) != CURLM_OK)
            return -ENOMEM;
        if (running && curl_multi_poll(http->multi, &stop, extra, POLL_MS, NULL) != CURLM_OK)
            return -ENOMEM;
        if (stop_asked(http->stop))
            return -ECANCELED;
    }
    return 0;
}

static int result_error(const struct http *http, CURLcode result)
{
    switch (result) {
    case CURLE_OK:
        return 0;
    case CURLE_OUT_OF_MEMORY:
        return -ENOMEM;
    case CURLE_WRITE_ERROR: /* one of our callbacks would take no more */
        return http->no_memory ? -ENOMEM : -EPROTO;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
        return -EPROTO;
    default:
        return -EHOSTUNREACH;
    }
}

static int perform(struct http *http)
{
    if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
        return -ENOMEM;
    int err = drive(http);
    if (!err) {
        int left;
        const CURLMsg *message = curl_multi_info_read(http->multi, &left);
        INVARIANT(message && message->msg == CURLMSG_DONE);
        CURLcode result = message->data.result;
        err = result_error(http, result);
        if (err)
            http->trouble = result == CURLE_WRITE_ERROR ? "the answer is longer than any of use"
                                                        : curl_easy_strerror(result);
    }
    INVARIANT(curl_multi_remove_handle(http->multi, http->easy) == CURLM_OK);
    return err;
}

int http_exchange(struct http *http, const struct http_request *request, struct http_answer *answer)
{
    static char type[] = "Content-Type: application/octet-stream", expect[] = "Expect:";
    struct curl_slist authorization = {http->authorization, NULL};
    struct curl_slist no_expect = {expect, request->write_key ? &authorization : NULL};
    struct curl_slist content = {type, &no_expect};
    http->trouble = NULL;
    if (request->write_key)
        hex_encode(http->authorization + sizeof bearer - 1, request->write_key, WRITE_KEY_BYTES);
    int err = prepare(http, request, request->method == HTTP_POST ? &content : content.next);
    if (!err)
        err = perform(http);
    secret_wipe(http->authorization + sizeof bearer - 1, 2 * WRITE_KEY_BYTES);
    if (err)
        return err;
    long status = 0;
    curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
    *answer = (struct http_answer){status, http->body, http->bytes};
    return 0;
}

const char *http_header(struct http *http, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(http->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : NULL;
}

const char *http_trouble(const struct http *http)
{
    return http->trouble;
}
