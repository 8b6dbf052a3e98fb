/* A transport against a server that is told what to say, and a sink that notes what arrives. */
#ifndef REUNION_TESTS_UNIT_TRANSPORT_EXCHANGE_H
#define REUNION_TESTS_UNIT_TRANSPORT_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "http/http.h"
#include "lib/fake_time.h"
#include "lib/scripted_server.h"
#include "transport/transport.h"
#include "wire/sizes.h"

enum { EXCHANGE_ANSWERS = 24, NOTED_MAX = 64 };

/* What a sink was handed. */
struct noted {
    enum record_kind kind;
    uint8_t first[32]; /* of a T1, or the sender */
    uint8_t body[32];
    struct transport_place place;
};

struct exchange {
    struct scripted_answer answers[EXCHANGE_ANSWERS];
    char *texts[EXCHANGE_ANSWERS];
    size_t count;
    struct scripted_server *server;
    struct http_settings way;
    struct http *http;
    struct transport *transport;
    struct fake_time time;
    struct stop_source stop;
    struct clock_source clock;
    struct noted noted[NOTED_MAX];
    size_t noted_count;
    struct transport_identity me;
    uint8_t t1[RECORD_T1_BYTES], t1_id[ID_BYTES], key[WRITE_KEY_BYTES];
};

/* A fresh exchange for somebody whose T1 is all 0xaa, its id all 0xa1 and its key all 0xa2. */
void exchange_prepare(struct exchange *exchange);

/* The next answer: a status ("200 OK"), headers (each with its end of line) and a body. */
void exchange_answer(struct exchange *exchange, const char *status, const char *headers,
                     const void *body, size_t body_bytes);

/* Begin to serve; `exchange->http` is then ready for a transport. */
void exchange_start(struct exchange *exchange);

struct transport_sink exchange_sink(struct exchange *exchange);

/* Wait until all is answered. Returns: the number of requests. */
size_t exchange_finish(struct exchange *exchange);

/* The first line of a request, as "GET /path". */
void exchange_assert_asked(const struct exchange *exchange, size_t which, const char *line);

void exchange_close(struct exchange *exchange);

#endif
