/* HTTP as a network observer counts it: one kept connection, whole messages, their sizes. */
#ifndef REUNION_TESTS_UNOBSERVABILITY_PLAIN_HTTP_H
#define REUNION_TESTS_UNOBSERVABILITY_PLAIN_HTTP_H

#include <stddef.h>
#include <stdint.h>

enum { PLAIN_BYTES_MAX = 1 << 16, PLAIN_VALUE_BYTES = 160 };

struct plain_http {
    int socket;
    size_t requests, sent, received; /* messages, and bytes of all of them */
    char message[PLAIN_BYTES_MAX];   /* the last answer */
    const uint8_t *body;             /* in `message` */
    size_t body_bytes;
    char cursor[PLAIN_VALUE_BYTES]; /* its Reunion-Cursor */
};

/* Connect to a server on this machine. What fails here fails the test. */
void plain_open(struct plain_http *http, int port);
void plain_close(struct plain_http *http);

/* Send a request, with a body and a write key in hexadecimal digits if not NULL, and read the
 * answer. Returns: its status. */
int plain_exchange(struct plain_http *http, const char *line, const char *key, const void *body,
                   size_t bytes);

#endif
