#include "lib/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

enum { REQUESTS_MAX = 64, REQUEST_BYTES = 128 * 1024 };

struct scripted_server {
    const struct scripted_answer *answers;
    size_t count;
    int listener;
    char url[64];
    pthread_t thread;
    char *requests[REQUESTS_MAX];
    size_t heard;
};

/* Whether a whole request is there: its head, and as many bytes as that announces. */
static bool is_whole(const char *request, size_t bytes)
{
    const char *head_end = strstr(request, "\r\n\r\n");
    if (!head_end)
        return false;
    const char *length = strcasestr(request, "\r\nContent-Length:");
    size_t body = length && length < head_end ? strtoul(length + 17, NULL, 10) : 0;
    return bytes >= (size_t)(head_end + 4 - request) + body;
}

static void hear(struct scripted_server *server, int connection)
{
    char *request = calloc(1, REQUEST_BYTES);
    INVARIANT(request && server->heard < REQUESTS_MAX);
    size_t bytes = 0;
    while (!is_whole(request, bytes)) {
        ssize_t got = read(connection, request + bytes, REQUEST_BYTES - 1 - bytes);
        if (got <= 0)
            break;
        bytes += (size_t)got;
    }
    server->requests[server->heard++] = request;
}

/* A client that has had enough may leave before the answer's end. */
static void answer(int connection, const struct scripted_answer *answer)
{
    char byte;
    for (size_t done = 0; answer->bytes && done < answer->length;) {
        ssize_t sent = send(connection, answer->bytes + done, answer->length - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        done += (size_t)sent;
    }
    if (answer->bytes)
        shutdown(connection, SHUT_WR);
    while (read(connection, &byte, 1) > 0)
        continue;
}

static void *serve(void *state)
{
    struct scripted_server *server = state;
    for (size_t i = 0; i < server->count; i++) {
        int connection = accept(server->listener, NULL, NULL);
        INVARIANT(connection >= 0);
        hear(server, connection);
        answer(connection, &server->answers[i]);
        close(connection);
    }
    close(server->listener);
    return NULL;
}

struct scripted_server *scripted_server_start(const struct scripted_answer *answers, size_t count)
{
    struct scripted_server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    INVARIANT(server);
    server->answers = answers;
    server->count = count;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    INVARIANT(bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0);
    INVARIANT(listen(server->listener, 8) == 0);
    INVARIANT(getsockname(server->listener, (struct sockaddr *)&address, &bytes) == 0);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u",
             (unsigned)ntohs(address.sin_port));
    INVARIANT(pthread_create(&server->thread, NULL, serve, server) == 0);
    return server;
}

const char *scripted_server_url(const struct scripted_server *server)
{
    return server->url;
}

const char *scripted_server_request(const struct scripted_server *server, size_t which)
{
    return server->requests[which];
}

size_t scripted_server_join(struct scripted_server *server)
{
    INVARIANT(pthread_join(server->thread, NULL) == 0);
    return server->heard;
}

void scripted_server_free(struct scripted_server *server)
{
    for (size_t i = 0; i < server->heard; i++)
        free(server->requests[i]);
    free(server);
}
