#include "http/http.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/secret.h"
#include "http/circuit.h"
#include "http/drive.h"
#include "http/failure.h"
#include "http/retry_after.h"
#include "http/wiping_memory.h"
#include "wire/sizes.h"

enum {
    SILENCE_S_MAX = 20, /* without a byte, beyond what the request allows */
    PROXIED_SILENCE_S_MAX = 60,
    EXCHANGE_MS_MAX = 5 * 60 * 1000,
};

/* "Authorization: Bearer " and the digits; guarded, as it is the right to write. */
static const char bearer[] = "Authorization: Bearer ";
static const char stamp_header[] = "Reunion-Stamp: ";
enum { BEARER_BYTES = sizeof bearer + 2 * WRITE_KEY_BYTES };

struct http {
    struct http_settings settings;
    struct server_address address;
    struct circuit circuits[HTTP_KINDS]; /* without a proxy all requests share the first */
    struct circuit *last;                /* that of the last exchange */
    char *authorization;                 /* guarded, BEARER_BYTES */
    struct failure failure;              /* of the last exchange; its text is empty after none */
    char error[CURL_ERROR_SIZE];         /* libcurl's words */
    int64_t sent_ms, waited_ms;          /* -1: not sent */
    bool hung_up;
    bool altered;                 /* a frame of the box stream did not open */
    char url[HTTP_URL_BYTES_MAX]; /* the base, and behind it the path of the current request */

    uint8_t *body;
    size_t bytes, room, bytes_max;
    size_t header_bytes;
    bool no_memory;
};

/* libcurl wants to be made ready once, before threads; clients come here from main. */
static int curl_ready(void)
{
    static bool ready;
    if (!ready && wiping_memory_curl_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -EIO;
    ready = true;
    return 0;
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

/* A connection stands, and a request goes out on it; libcurl does so again by itself where one that
 * was kept turns out to be closed. */
static int note_sending(void *state, char *peer, char *own, int peer_port, int own_port)
{
    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    struct http *http = state;
    http->sent_ms = clock_monotonic_ms(&clock_system);
    return CURL_PREREQFUNC_OK;
}

static size_t circuit_count(const struct http *http)
{
    return http->settings.proxy ? HTTP_KINDS : 1;
}

static int open_circuit(struct http *http, struct circuit *circuit)
{
    int err = circuit_open(circuit, &http->settings, &http->address);
    if (err)
        return err;
    CURLcode failed = curl_easy_setopt(circuit->easy, CURLOPT_WRITEFUNCTION, take_body) |
                      curl_easy_setopt(circuit->easy, CURLOPT_WRITEDATA, http) |
                      curl_easy_setopt(circuit->easy, CURLOPT_HEADERFUNCTION, count_header) |
                      curl_easy_setopt(circuit->easy, CURLOPT_HEADERDATA, http) |
                      curl_easy_setopt(circuit->easy, CURLOPT_PREREQFUNCTION, note_sending) |
                      curl_easy_setopt(circuit->easy, CURLOPT_PREREQDATA, http) |
                      curl_easy_setopt(circuit->easy, CURLOPT_ERRORBUFFER, http->error);
    if (!failed)
        return 0;
    circuit_close(circuit);
    return -EIO;
}

int http_renew(struct http *http)
{
    struct circuit fresh[HTTP_KINDS] = {0};
    int err = 0;
    for (size_t i = 0; i < circuit_count(http) && !err; i++)
        err = open_circuit(http, &fresh[i]);
    for (size_t i = 0; i < HTTP_KINDS; i++) {
        circuit_close(err ? &fresh[i] : &http->circuits[i]);
        if (!err)
            http->circuits[i] = fresh[i];
    }
    if (!err)
        http->last = &http->circuits[0];
    return err;
}

int http_open(struct http **http, const struct http_settings *settings, const char **complaint)
{
    struct server_address address;
    int err = curl_ready();
    if (!err)
        err = http_settings_check(settings, &address, complaint);
    if (err)
        return err;
    INVARIANT(!address.box.packets);
    struct http *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->settings = *settings;
    made->address = address;
    made->authorization = secret_alloc(BEARER_BYTES);
    err = made->authorization ? http_renew(made) : -ENOMEM;
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
    for (size_t i = 0; i < HTTP_KINDS; i++)
        circuit_close(&http->circuits[i]);
    secret_free(http->authorization);
    free(http->body);
    free(http);
}

/* Prepare the handle for one request; `headers` must live until it is done. */
static int prepare(struct http *http, const struct http_request *request,
                   const struct curl_slist *headers)
{
    int bytes = snprintf(http->url, sizeof http->url, "%s%s", http->address.base, request->path);
    if (bytes < 0 || (size_t)bytes >= sizeof http->url)
        return -EINVAL;
    http->bytes = http->header_bytes = 0;
    http->bytes_max = request->answer_bytes_max;
    http->no_memory = false;

    http->last = &http->circuits[http->settings.proxy ? request->kind : 0];
    CURL *easy = http->last->easy;
    bool post = request->method == HTTP_POST;
    long alone = request->kind == HTTP_APART || http->last->box; /* else it is kept */
    long silence_s = (long)(request->wait_ms / 1000) +
                     (http->settings.proxy ? PROXIED_SILENCE_S_MAX : SILENCE_S_MAX);
    CURLcode failed =
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) |
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, alone) |
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, alone) |
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

static int explain(struct http *http, CURLcode result)
{
    if (result == CURLE_WRITE_ERROR && http->no_memory)
        return -ENOMEM;
    const struct failure_path path = {.proxy = http->settings.proxy,
                                      .socket = http->address.socket,
                                      .sent = http->sent_ms >= 0,
                                      .boxed = http->address.boxed,
                                      .altered = http->altered};
    failure_of(&http->failure, http->last->easy, result, http->error, &path);
    http->hung_up = path.sent && failure_is_hang_up(result);
    return http->failure.err;
}

/* Whether the whole request was taken, and the server did not say that it ends the connection. */
static bool leaves_connection(CURL *easy, const struct http_request *request)
{
    curl_off_t sent = 0;
    struct curl_header *connection;
    bool closes =
        curl_easy_header(easy, "Connection", 0, CURLH_HEADER, -1, &connection) == CURLHE_OK &&
        strcasecmp(connection->value, "close") == 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return !closes && (request->method != HTTP_POST || sent == (curl_off_t)request->body_bytes);
}

/* Run the transfer, through a tunnel if that is how the server is reached. */
static int perform_once(struct http *http, const struct http_request *request, CURLcode *result)
{
    struct circuit *circuit = http->last;
    struct box_tunnel *tunnel = NULL;
    bool apart = request->kind == HTTP_APART;
    int err = circuit->box
                  ? box_path_ready(circuit->box, circuit->multi, apart, &tunnel, &http->failure)
                  : 0;
    if (err)
        return err;
    err = drive(circuit->multi, circuit->easy, tunnel, http->settings.stop, result);
    drive_leave(circuit->multi, circuit->easy);
    http->altered = tunnel && box_tunnel_fault(tunnel, NULL) == BOX_TUNNEL_ALTERED;
    if (circuit->box)
        box_path_rest(circuit->box, !err && *result == CURLE_OK && !apart &&
                                        leaves_connection(circuit->easy, request));
    return err;
}

static int perform(struct http *http, const struct http_request *request)
{
    struct circuit *circuit = http->last;
    CURLcode result;
    int err = perform_once(http, request, &result);
    if (!err && failure_is_hang_up(result) && circuit->box && box_path_was_stale(circuit->box)) {
        http->sent_ms = -1;
        err = perform_once(http, request, &result);
    }
    return err || result == CURLE_OK ? err : explain(http, result);
}

int http_exchange(struct http *http, const struct http_request *request, struct http_answer *answer)
{
    static char type[] = "Content-Type: application/octet-stream", expect[] = "Expect:";
    static char encoding[] = "Accept-Encoding: identity";
    char stamp[sizeof stamp_header + 2 * STAMP_NONCE_BYTES];
    struct curl_slist stamped = {stamp, NULL};
    struct curl_slist *last = request->stamp ? &stamped : NULL;
    struct curl_slist authorization = {http->authorization, last};
    struct curl_slist no_expect = {expect, request->write_key ? &authorization : last};
    struct curl_slist as_it_is = {encoding, &no_expect};
    struct curl_slist content = {type, &as_it_is};
    http->failure = (struct failure){0};
    http->error[0] = '\0';
    http->hung_up = false;
    http->sent_ms = -1;
    memcpy(stamp, stamp_header, sizeof stamp_header);
    if (request->stamp)
        hex_encode(stamp + sizeof stamp_header - 1, request->stamp, STAMP_NONCE_BYTES);
    if (request->write_key)
        hex_encode(http->authorization + sizeof bearer - 1, request->write_key, WRITE_KEY_BYTES);
    int err = prepare(http, request, request->method == HTTP_POST ? &content : content.next);
    if (!err)
        err = perform(http, request);
    secret_wipe(http->authorization + sizeof bearer - 1, 2 * WRITE_KEY_BYTES);
    http->waited_ms = http->sent_ms < 0 ? -1 : clock_monotonic_ms(&clock_system) - http->sent_ms;
    if (err)
        return err;
    long status = 0;
    curl_easy_getinfo(http->last->easy, CURLINFO_RESPONSE_CODE, &status);
    *answer = (struct http_answer){status, http->body, http->bytes};
    return 0;
}

const char *http_header(struct http *http, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(http->last->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : NULL;
}

int64_t http_date_s(struct http *http)
{
    const char *date = http_header(http, "Date");
    time_t then = date ? curl_getdate(date, NULL) : -1;
    return then > 0 ? (int64_t)then : -1;
}

int64_t http_retry_after_ms(struct http *http)
{
    return retry_after_ms(http_header(http, "Retry-After"), http_header(http, "Date"));
}

const char *http_trouble(const struct http *http)
{
    return http->failure.text[0] ? http->failure.text : NULL;
}

const char *http_advice(const struct http *http)
{
    return http->failure.advice;
}

bool http_is_certain(const struct http *http)
{
    return http->failure.certain;
}

bool http_hung_up(const struct http *http)
{
    return http->hung_up;
}

bool http_is_boxed(const struct http *http)
{
    return http->address.boxed;
}

int64_t http_waited_ms(const struct http *http)
{
    return http->waited_ms;
}

const char *http_explain(struct http *http, const char *advice, bool certain, const char *format,
                         ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(http->failure.text, sizeof http->failure.text, format, arguments);
    va_end(arguments);
    http->failure.advice = advice;
    http->failure.certain = certain;
    return http->failure.text;
}
