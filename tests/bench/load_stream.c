/* Load on a server that is read from over the box transport, or, for comparison, over plain HTTP:
 * the same requests in the same way.
 *
 *     load_stream HOST PORT PATH SECONDS THREADS CONNECTIONS [KEY]
 *
 * HOST is a numeric IPv4 address; with KEY, 64 hexadecimal digits, the connections are box streams.
 * Each thread has its share of the connections, asks once on each, and takes the answers in turn.
 * Prints, as load.lua does: requests, seconds, 0, 0, bytes of contents. Ends with 1 at the first
 * answer that is not 200. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/random.h"
#include "box/handshake.h"

enum { ROOM = 1 << 16, REQUEST_BYTES_MAX = 1024 };

struct connection {
    int fd;
    bool boxed;
    struct box_stream stream;
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    char taken[ROOM]; /* of the answer that comes; the rest is counted alone */
    size_t taken_bytes;
};

struct worker {
    pthread_t thread;
    size_t connections;
    struct connection *connection;
    uint64_t requests, bytes;
};

static struct sockaddr_in server;
static bool boxed;
static uint8_t server_key[BOX_KEY_BYTES];
static char request[REQUEST_BYTES_MAX];
static int64_t end_ms;

static void check(bool well, const char *what)
{
    if (well)
        return;
    fprintf(stderr, "load_stream: %s\n", what);
    exit(1);
}

static void send_all(int fd, const void *bytes, size_t count)
{
    check(send(fd, bytes, count, MSG_NOSIGNAL) == (ssize_t)count, "cannot send");
}

static void receive_all(int fd, void *bytes, size_t count)
{
    check(recv(fd, bytes, count, MSG_WAITALL) == (ssize_t)count, "cannot receive");
}

static void open_box(struct connection *connection)
{
    struct box_client client;
    uint8_t hello[BOX_HELLO_BYTES], cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES];
    check(!box_client_start(&client, hello, server_key, NULL, &random_system), "no such key");
    send_all(connection->fd, hello, sizeof hello);
    receive_all(connection->fd, cookie, sizeof cookie);
    check(!box_client_finish(&client, &connection->stream, vouch, cookie, sizeof cookie,
                             &random_system),
          "the handshake fails");
    send_all(connection->fd, vouch, sizeof vouch);
}

static void open_connection(struct connection *connection)
{
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    connection->boxed = boxed;
    check(connection->fd >= 0 &&
              !connect(connection->fd, (const struct sockaddr *)&server, sizeof server),
          "cannot connect");
    if (boxed)
        open_box(connection);
}

static void ask(struct connection *connection)
{
    size_t bytes = strlen(request);
    if (!connection->boxed) {
        send_all(connection->fd, request, bytes);
        return;
    }
    check(!box_frame_seal(&connection->stream, connection->frame, (const uint8_t *)request, bytes),
          "cannot seal");
    send_all(connection->fd, connection->frame, box_frame_bytes(bytes));
}

/* Some more of the answer. Returns: how much, at most ROOM; `*bytes` points to it. */
static size_t receive_some(struct connection *connection, const char **bytes)
{
    size_t frame_bytes, content_bytes;
    const uint8_t *content;
    if (!connection->boxed) {
        ssize_t count = recv(connection->fd, connection->frame, sizeof connection->frame, 0);
        check(count > 0, "cannot receive");
        *bytes = (const char *)connection->frame;
        return (size_t)count;
    }
    receive_all(connection->fd, connection->frame, BOX_FRAME_LENGTH_BYTES);
    check(!box_frame_measure(&connection->stream, &frame_bytes, connection->frame), "no frame");
    receive_all(connection->fd, connection->frame + BOX_FRAME_LENGTH_BYTES,
                frame_bytes - BOX_FRAME_LENGTH_BYTES);
    check(!box_frame_open(&connection->stream, &content, &content_bytes, connection->frame,
                          frame_bytes),
          "a frame does not open");
    check(content_bytes > 0, "the stream ended");
    *bytes = (const char *)content;
    return content_bytes;
}

/* Take a head, and as much behind it as it states. Returns: how much that was. */
static size_t take_answer(struct connection *connection)
{
    static const char length_name[] = "content-length:";
    char *taken = connection->taken, *end = NULL;
    const char *bytes;
    size_t have = 0;
    while (!end) {
        size_t count = receive_some(connection, &bytes);
        check(have + count < ROOM, "the head is too long");
        memcpy(taken + have, bytes, count);
        have += count;
        taken[have] = '\0';
        end = strstr(taken, "\r\n\r\n");
    }
    check(strncmp(taken, "HTTP/1.1 200 ", 13) == 0, "the answer is not 200");
    char *length = strcasestr(taken, length_name);
    check(length && length < end, "the answer states no length");
    size_t wanted = strtoul(length + sizeof length_name - 1, NULL, 10);
    size_t content = have - (size_t)(end + 4 - taken);
    while (content < wanted)
        content += receive_some(connection, &bytes);
    check(content == wanted, "more than the answer comes");
    return content;
}

static void *work(void *state)
{
    struct worker *worker = state;
    while (clock_monotonic_ms(&clock_system) < end_ms) {
        for (size_t i = 0; i < worker->connections; i++)
            ask(&worker->connection[i]);
        for (size_t i = 0; i < worker->connections; i++) {
            worker->bytes += take_answer(&worker->connection[i]);
            worker->requests++;
        }
    }
    return NULL;
}

static void begin(struct worker *worker, size_t connections)
{
    worker->connections = connections;
    worker->connection = calloc(connections, sizeof *worker->connection);
    check(worker->connection != NULL, "no memory");
    for (size_t i = 0; i < connections; i++)
        open_connection(&worker->connection[i]);
}

/* Returns: the seconds it took. */
static double run(struct worker *workers, size_t count, double seconds)
{
    int64_t began_ms = clock_monotonic_ms(&clock_system);
    end_ms = began_ms + (int64_t)(seconds * 1e3);
    for (size_t i = 0; i < count; i++)
        check(!pthread_create(&workers[i].thread, NULL, work, &workers[i]), "no thread");
    for (size_t i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    return (double)(clock_monotonic_ms(&clock_system) - began_ms) / 1e3;
}

int main(int argc, char **argv)
{
    check(argc == 7 || argc == 8, "HOST PORT PATH SECONDS THREADS CONNECTIONS [KEY]");
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10))};
    check(inet_pton(AF_INET, argv[1], &server.sin_addr) == 1, "HOST is no address");
    boxed = argc == 8;
    check(!boxed || !hex_decode(server_key, sizeof server_key, argv[7]), "KEY is none");
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s:%s\r\n\r\n",
                          argv[3], argv[1], argv[2]);
    check(length < (int)sizeof request, "PATH is too long");
    size_t threads = strtoul(argv[5], NULL, 10), connections = strtoul(argv[6], NULL, 10);
    check(threads > 0 && connections >= threads, "THREADS or CONNECTIONS is no number");
    struct worker *workers = calloc(threads, sizeof *workers);
    check(workers != NULL, "no memory");
    for (size_t i = 0; i < threads; i++)
        begin(&workers[i], connections / threads);
    double seconds = run(workers, threads, strtod(argv[4], NULL));
    uint64_t requests = 0, bytes = 0;
    for (size_t i = 0; i < threads; i++) {
        requests += workers[i].requests;
        bytes += workers[i].bytes;
        free(workers[i].connection);
    }
    free(workers);
    printf("%llu %.6f 0 0 %llu\n", (unsigned long long)requests, seconds,
           (unsigned long long)bytes);
    return 0;
}
