#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "lib/test.h"

void exchange_prepare(struct exchange *exchange)
{
    memset(exchange, 0, sizeof *exchange);
    memset(exchange->t1, 0xaa, sizeof exchange->t1);
    memset(exchange->t1_id, 0xa1, sizeof exchange->t1_id);
    memset(exchange->key, 0xa2, sizeof exchange->key);
    exchange->me = (struct transport_identity){exchange->t1, sizeof exchange->t1, exchange->t1_id,
                                               exchange->key, NULL};
    exchange->stop = fake_time_stop(&exchange->time);
    exchange->clock = fake_time_clock(&exchange->time);
}

void exchange_answer(struct exchange *exchange, const char *status, const char *headers,
                     const void *body, size_t body_bytes)
{
    assert_true(exchange->count < EXCHANGE_ANSWERS);
    size_t room = 512 + strlen(headers) + body_bytes;
    char *text = malloc(room);
    assert_non_null(text);
    size_t length = (size_t)snprintf(
        text, room, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n", status,
        body_bytes, headers);
    if (body_bytes > 0)
        memcpy(text + length, body, body_bytes);
    exchange->texts[exchange->count] = text;
    exchange->answers[exchange->count++] = (struct scripted_answer){text, length + body_bytes};
}

void exchange_start(struct exchange *exchange)
{
    exchange->server = scripted_server_start(exchange->answers, exchange->count);
    const char *complaint;
    exchange->way = (struct http_settings){.server = scripted_server_url(exchange->server),
                                           .random = &random_system,
                                           .stop = &exchange->stop};
    assert_int_equal(http_open(&exchange->http, &exchange->way, &complaint), 0);
}

static struct noted *note(struct exchange *exchange, enum record_kind kind)
{
    assert_true(exchange->noted_count < NOTED_MAX);
    struct noted *noted = &exchange->noted[exchange->noted_count++];
    noted->kind = kind;
    return noted;
}

static int note_t1(void *state, const uint8_t *t1, size_t t1_bytes,
                   const struct transport_place *place)
{
    struct noted *noted = note(state, RECORD_T1);
    assert_int_equal(t1_bytes, RECORD_T1_BYTES);
    memcpy(noted->first, t1, sizeof noted->first);
    noted->place = *place;
    return 0;
}

static int note_t2(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t body[static RECORD_BODY_BYTES])
{
    struct noted *noted = note(state, RECORD_T2);
    memcpy(noted->first, sender, sizeof noted->first);
    memcpy(noted->body, body, sizeof noted->body);
    return 0;
}

static int note_t3(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t body[static RECORD_BODY_BYTES])
{
    struct noted *noted = note(state, RECORD_T3);
    memcpy(noted->first, sender, sizeof noted->first);
    memcpy(noted->body, body, sizeof noted->body);
    return 0;
}

struct transport_sink exchange_sink(struct exchange *exchange)
{
    return (struct transport_sink){note_t1, note_t2, note_t3, exchange};
}

size_t exchange_finish(struct exchange *exchange)
{
    return scripted_server_join(exchange->server);
}

void exchange_assert_asked(const struct exchange *exchange, size_t which, const char *line)
{
    const char *request = scripted_server_request(exchange->server, which);
    size_t length = strlen(line);
    if (strncmp(request, line, length) != 0 || request[length] != ' ')
        fail_msg("asked %.200s instead of %s", request, line);
}

void exchange_close(struct exchange *exchange)
{
    exchange->transport->verbs->free(exchange->transport);
    http_free(exchange->http);
    scripted_server_free(exchange->server);
    for (size_t i = 0; i < exchange->count; i++)
        free(exchange->texts[i]);
}
