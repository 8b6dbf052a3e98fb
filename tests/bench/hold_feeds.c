/* Holds many requests that wait on feeds, and measures how long a post takes to reach the waiters
 * of its bucket.
 *
 *     hold_feeds PORT
 *
 * On standard input, one command after the other, each answered by a line once it is done:
 *
 *     wait LINK COUNT     COUNT more requests wait on a bucket's feed; "waiting", and how many in
 * all post KIND KEY HEX   a T2 or T3 goes to the bucket of the first `wait`; nanoseconds from
 * sending it until the last of that bucket's waiters has all of its answer
 *
 * DESIGN: one thread and one epoll. Each waiter follows its feed as a client does: it asks from the
 * start, and again after each answer with the cursor of that. Whoever waits so long that the server
 * sends an empty answer asks again. An answer that is not as it should be ends the program. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    LINK_CHARS = 64,
    HEAD_BYTES = 2048, /* of an answer, at most */
    REQUEST_BYTES = 1024,
    RECORD_BYTES = 96,
    LINKS_MAX = 1024,
    CONNECTIONS_MAX = 100000,
    EVENTS = 256,
    /* A post follows when its bucket's waiters have asked again, and had this time to arrive. One
     * that the server takes first would be answered at once. */
    PAUSE_MS = 5,
};

struct connection {
    int fd;
    const char *bucket_hash; /* of the feed; NULL: the connection that posts */
    size_t head_bytes;
    char head[HEAD_BYTES];
    size_t body_bytes, body_left;
    bool in_body, asked_again;
};

static struct {
    struct sockaddr_in server;
    int epoll;
    char links[LINKS_MAX][LINK_CHARS + 1];
    size_t link_count;
    size_t waiting;       /* connections that have asked again */
    size_t wanted;        /* how many of them the last `wait` makes */
    size_t targets;       /* waiters of the first bucket */
    size_t targets_left;  /* of them, those who have not got what was posted */
    bool posting, posted; /* a post is under way; it was answered */
    int64_t sent_ns;
    struct connection poster;
} it = {.poster = {.fd = -1}};

__attribute__((format(printf, 1, 2))) static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("hold_feeds: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Connections */

static void connection_open(struct connection *connection)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&it.server, sizeof it.server))
        fail("cannot connect: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(it.epoll, EPOLL_CTL_ADD, fd, &event))
        fail("cannot watch a connection: %s", strerror(errno));
    connection->fd = fd;
}

/* Requests are short, so the socket has room for them. */
static void send_all(const struct connection *connection, const void *bytes, size_t count)
{
    if (send(connection->fd, bytes, count, MSG_NOSIGNAL) != (ssize_t)count)
        fail("cannot send: %s", strerror(errno));
}

static void ask(struct connection *connection, const char *cursor)
{
    char request[REQUEST_BYTES];
    int length = snprintf(request, sizeof request,
                          "GET /v1/buckets/%s/feed?%s%s%swait=60 HTTP/1.1\r\n"
                          "Host: 127.0.0.1\r\n\r\n",
                          connection->bucket_hash, cursor ? "after=" : "", cursor ? cursor : "",
                          cursor ? "&" : "");
    if (length < 0 || length >= REQUEST_BYTES)
        fail("the cursor is too long");
    send_all(connection, request, (size_t)length);
}

/* Answers */

/* The value of a field in the head, cut off with a zero; `name` has the colon. */
static char *field(char *head, const char *name)
{
    char *value = strcasestr(head, name);
    if (!value)
        fail("no %s in an answer", name);
    value += strlen(name);
    value += strspn(value, " ");
    value[strcspn(value, "\r")] = '\0';
    return value;
}

static void finish_post(void)
{
    if (it.posting && it.posted && it.targets_left == 0) {
        it.posting = false;
        printf("%lld\n", (long long)(now_ns() - it.sent_ns));
        fflush(stdout);
    }
}

static void on_feed(struct connection *connection)
{
    ask(connection, field(connection->head, "Reunion-Cursor:"));
    if (!connection->asked_again) {
        connection->asked_again = true;
        it.waiting++;
        if (it.waiting == it.wanted) {
            printf("waiting %zu\n", it.waiting);
            fflush(stdout);
        }
    } else if (connection->body_bytes > 0 && connection->bucket_hash == it.links[0]) {
        if (it.targets_left == 0)
            fail("an answer that nothing was posted for");
        it.targets_left--;
    }
}

static void on_answer(struct connection *connection)
{
    if (connection->bucket_hash)
        on_feed(connection);
    else
        it.posted = true;
    finish_post();
    connection->head_bytes = 0;
    connection->in_body = false;
}

/* The head is whole once its empty line has come; what came behind it is of the body. */
static void on_head(struct connection *connection)
{
    connection->head[connection->head_bytes] = '\0';
    char *end = strstr(connection->head, "\r\n\r\n");
    if (!end) {
        if (connection->head_bytes == HEAD_BYTES - 1)
            fail("an answer's head is too long");
        return;
    }
    size_t behind = connection->head_bytes - (size_t)(end + 4 - connection->head);
    if (strncmp(connection->head, "HTTP/1.1 200", 12) != 0)
        fail("the answer is %.12s", connection->head);
    end[2] = '\0';
    const char *length = strcasestr(connection->head, "Content-Length:");
    connection->body_bytes = length ? strtoul(length + 15, NULL, 10) : 0;
    if (!length || behind > connection->body_bytes)
        fail("more or less than one answer");
    connection->body_left = connection->body_bytes - behind;
    connection->in_body = true;
}

/* Take what has come of an answer. The body is counted, not kept. */
static void on_readable(struct connection *connection)
{
    static char dropped[1 << 18];
    ssize_t got = connection->in_body
                      ? recv(connection->fd, dropped, sizeof dropped, 0)
                      : recv(connection->fd, connection->head + connection->head_bytes,
                             HEAD_BYTES - 1 - connection->head_bytes, 0);
    if (got == 0 && !connection->bucket_hash && !it.posting) {
        /* The server closes connections that are not used for a while. */
        close(connection->fd);
        connection->fd = -1;
        return;
    }
    if (got <= 0)
        fail("a connection ended: %s", got ? strerror(errno) : "closed");
    if (connection->in_body) {
        if ((size_t)got > connection->body_left)
            fail("an answer is too long");
        connection->body_left -= (size_t)got;
    } else {
        connection->head_bytes += (size_t)got;
        on_head(connection);
    }
    if (connection->in_body && connection->body_left == 0)
        on_answer(connection);
}

static void handle_events(int timeout_ms, bool *command)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(it.epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            on_readable(events[i].data.ptr);
        else
            *command = true;
    }
}

/* Commands */

static void begin_wait(const char *bucket_hash, size_t count)
{
    if (strlen(bucket_hash) != LINK_CHARS || it.link_count == LINKS_MAX ||
        count > CONNECTIONS_MAX - it.wanted)
        fail("a wrong command");
    strcpy(it.links[it.link_count], bucket_hash);
    it.wanted += count;
    if (it.link_count == 0)
        it.targets = count;
    for (size_t i = 0; i < count; i++) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection)
            fail("no memory");
        connection->bucket_hash = it.links[it.link_count];
        connection_open(connection);
        ask(connection, NULL);
    }
    it.link_count++;
}

static uint8_t hex_byte(const char *digits)
{
    const char pair[] = {digits[0], digits[1], '\0'};
    return (uint8_t)strtoul(pair, NULL, 16);
}

static void begin_post(const char *kind, const char *key, const char *record)
{
    char request[REQUEST_BYTES];
    if (it.waiting == 0 || strlen(record) != 2 * RECORD_BYTES)
        fail("a wrong command");
    int length = snprintf(request, sizeof request - RECORD_BYTES,
                          "POST /v1/buckets/%s/t%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                          "Authorization: Bearer %s\r\nContent-Type: application/octet-stream\r\n"
                          "Content-Length: %d\r\n\r\n",
                          it.links[0], kind, key, RECORD_BYTES);
    if (length < 0 || length >= REQUEST_BYTES - RECORD_BYTES)
        fail("a wrong command");
    for (size_t i = 0; i < RECORD_BYTES; i++)
        request[(size_t)length + i] = (char)hex_byte(record + 2 * i);
    bool ignored;
    for (int64_t from_ns = now_ns(), passed_ms = 0; passed_ms < PAUSE_MS;
         passed_ms = (now_ns() - from_ns) / 1000000)
        handle_events((int)(PAUSE_MS - passed_ms), &ignored);
    if (it.poster.fd < 0)
        connection_open(&it.poster);
    it.targets_left = it.targets;
    it.posting = true;
    it.posted = false;
    it.sent_ns = now_ns();
    send_all(&it.poster, request, (size_t)length + RECORD_BYTES);
}

/* Whoever gives commands sends the next one after the answer to the last. */
static bool read_command(void)
{
    char line[REQUEST_BYTES];
    if (!fgets(line, sizeof line, stdin))
        return false;
    const char *word[4] = {strtok(line, " \n"), strtok(NULL, " \n"), strtok(NULL, " \n"),
                           strtok(NULL, " \n")};
    if (word[2] && strcmp(word[0], "wait") == 0)
        begin_wait(word[1], strtoul(word[2], NULL, 10));
    else if (word[3] && strcmp(word[0], "post") == 0)
        begin_post(word[1], word[2], word[3]);
    else
        fail("a wrong command");
    return true;
}

int main(int argc, char **argv)
{
    it.server = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)(argc == 2 ? strtoul(argv[1], NULL, 10) : 0)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    it.epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event input = {.events = EPOLLIN};
    if (it.epoll < 0 || epoll_ctl(it.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input))
        fail("usage: hold_feeds PORT, with commands from a pipe");
    for (bool command = false;; command = false) {
        handle_events(-1, &command);
        if (command && !read_command())
            return 0;
    }
}
