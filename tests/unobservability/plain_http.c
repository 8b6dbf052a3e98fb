#include "plain_http.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

void plain_open(struct plain_http *http, int port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *http = (struct plain_http){.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    INVARIANT(http->socket >= 0);
    INVARIANT(connect(http->socket, (const struct sockaddr *)&address, sizeof address) == 0);
    INVARIANT(setsockopt(http->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0);
}

void plain_close(struct plain_http *http)
{
    close(http->socket);
}

static void send_all(struct plain_http *http, const void *data, size_t bytes)
{
    INVARIANT(send(http->socket, data, bytes, MSG_NOSIGNAL) == (ssize_t)bytes);
    http->sent += bytes;
}

/* Read on until the message has `bytes` bytes, or its whole head if that is not 0. */
static size_t receive(struct plain_http *http, size_t have, size_t bytes)
{
    while (bytes ? have < bytes : !memmem(http->message, have, "\r\n\r\n", 4)) {
        ssize_t more = recv(http->socket, http->message + have, PLAIN_BYTES_MAX - 1 - have, 0);
        INVARIANT(more > 0);
        have += (size_t)more;
    }
    http->message[have] = '\0';
    return have;
}

static const char *header(const struct plain_http *http, const char *name)
{
    const char *found = strcasestr(http->message, name);
    return found && found < (const char *)http->body ? found + strlen(name) : NULL;
}

int plain_exchange(struct plain_http *http, const char *line, const char *key, const void *body,
                   size_t bytes)
{
    char request[2048];
    int head = snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: localhost\r\n", line);
    if (key)
        head += snprintf(request + head, sizeof request - (size_t)head,
                         "Authorization: Bearer %s\r\n", key);
    if (body)
        head +=
            snprintf(request + head, sizeof request - (size_t)head,
                     "Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n", bytes);
    head += snprintf(request + head, sizeof request - (size_t)head, "\r\n");
    INVARIANT((size_t)head + bytes < sizeof request);
    if (bytes > 0)
        memcpy(request + head, body, bytes);
    send_all(http, request, (size_t)head + bytes);
    http->requests++;

    size_t have = receive(http, 0, 0);
    http->body = (const uint8_t *)memmem(http->message, have, "\r\n\r\n", 4) + 4;
    const char *length = header(http, "\r\nContent-Length:");
    INVARIANT(length);
    http->body_bytes = strtoul(length, NULL, 10);
    size_t whole = (size_t)((const char *)http->body - http->message) + http->body_bytes;
    INVARIANT(whole < PLAIN_BYTES_MAX);
    http->received += receive(http, have, whole);
    const char *cursor = header(http, "\r\nReunion-Cursor: ");
    snprintf(http->cursor, sizeof http->cursor, "%.*s", cursor ? (int)strcspn(cursor, "\r") : 0,
             cursor ? cursor : "");
    return atoi(http->message + strlen("HTTP/1.1 "));
}
