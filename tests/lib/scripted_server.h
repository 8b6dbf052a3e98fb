/* An HTTP server that says what a test tells it to, sense or nonsense, and notes what it hears. */
#ifndef REUNION_TESTS_LIB_SCRIPTED_SERVER_H
#define REUNION_TESTS_LIB_SCRIPTED_SERVER_H

#include <stddef.h>

/* One answer: these bytes, then the connection is closed. NULL: it is kept open in silence until
 * the client leaves. */
struct scripted_answer {
    const char *bytes;
    size_t length;
};

struct scripted_server;

/* Listen on an unused port of 127.0.0.1 and give one answer after the other, whatever is asked;
 * after the last, nobody is served any more. `answers` must outlive it. */
struct scripted_server *scripted_server_start(const struct scripted_answer *answers, size_t count);

/* "http://127.0.0.1:PORT"; lives as long as the server. */
const char *scripted_server_url(const struct scripted_server *server);

/* The request number `which`, head and body, terminated. After scripted_server_join. */
const char *scripted_server_request(const struct scripted_server *server, size_t which);

/* Wait until all answers are given. Returns: how many requests there were. */
size_t scripted_server_join(struct scripted_server *server);

/* Release; after scripted_server_join. */
void scripted_server_free(struct scripted_server *server);

#endif
