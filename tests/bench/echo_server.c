/* What libmicrohttpd itself costs: a server that answers each request with the 288 bytes of its
 * body, stores nothing, and checks nothing. Its threads and its way of polling are the real
 * server's.
 *
 *     echo_server THREADS
 *
 * It prints the port it listens on, and serves until its standard input ends. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_BYTES = 288, CONNECTIONS_MAX = 1024 };

struct body {
    size_t bytes;
    char data[BODY_BYTES];
};

static enum MHD_Result answer(struct MHD_Connection *connection, const struct body *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body->bytes, (void *)(uintptr_t)body->data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *bytes, void **state)
{
    struct body *body = *state;
    (void)context, (void)path, (void)method, (void)version;
    if (!body) {
        *state = calloc(1, sizeof *body);
        return *state ? MHD_YES : MHD_NO;
    }
    if (*bytes == 0)
        return answer(connection, body);
    if (*bytes > BODY_BYTES - body->bytes)
        return MHD_NO;
    memcpy(body->data + body->bytes, data, *bytes);
    body->bytes += *bytes;
    *bytes = 0;
    return MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)context, (void)connection, (void)code;
    free(*state);
    *state = NULL;
}

int main(int argc, char **argv)
{
    unsigned threads = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (threads == 0) {
        fprintf(stderr, "usage: echo_server THREADS\n");
        return 2;
    }
    /* The library takes no pool of one. */
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info) {
        fprintf(stderr, "echo_server: cannot listen\n");
        return 1;
    }
    printf("%u\n", (unsigned)info->port);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    MHD_stop_daemon(daemon);
    return 0;
}
