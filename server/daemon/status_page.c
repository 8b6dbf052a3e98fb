#include "daemon/status_page.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum { REQUEST_BYTES_MAX = 4096, HEAD_BYTES = 256, SOCKET_MODE = 0660 };

struct status_page {
    struct listening listening;
    int wake; /* an eventfd: the thread ends */
    pthread_t thread;
    bool started;
    status_page_text *text;
    void *context;
    char body[STATUS_PAGE_BYTES_MAX];
};

/* One connection */

/* Wait until a socket is ready, or the deadline or the end has come. */
static bool wait_for(const struct status_page *page, int fd, short events, int64_t until_ms)
{
    struct pollfd watched[] = {{fd, events, 0}, {page->wake, POLLIN, 0}};
    int64_t left_ms = until_ms - clock_monotonic_ms(&clock_system);
    return left_ms > 0 && poll(watched, 2, (int)left_ms) > 0 && watched[0].revents &&
           !watched[1].revents;
}

/* Read the head of a request. Returns: whether it came whole. */
static bool read_head(const struct status_page *page, int fd, int64_t until_ms,
                      char head[static REQUEST_BYTES_MAX])
{
    size_t bytes = 0;
    while (bytes < REQUEST_BYTES_MAX - 1 && wait_for(page, fd, POLLIN, until_ms)) {
        ssize_t got = recv(fd, head + bytes, REQUEST_BYTES_MAX - 1 - bytes, MSG_DONTWAIT);
        if (got <= 0)
            return false;
        bytes += (size_t)got;
        head[bytes] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void send_all(const struct status_page *page, int fd, int64_t until_ms, const char *text,
                     size_t bytes)
{
    while (bytes > 0 && wait_for(page, fd, POLLOUT, until_ms)) {
        ssize_t sent = send(fd, text, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        bytes -= (size_t)sent;
    }
}

static const char *words_for(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    default:
        return "Service Unavailable";
    }
}

/* Returns: the status; the body is the page's then. */
static unsigned answer_to(struct status_page *page, char *head)
{
    static const char get[] = "GET ";
    char *path = head + sizeof get - 1, *end = strstr(head, " HTTP/1.");
    page->body[0] = '\0';
    if (!end || strcspn(head, "\r\n") < (size_t)(end - head))
        return 400;
    if (strncmp(head, get, sizeof get - 1) != 0)
        return 405;
    *end = '\0';
    return page->text(page->context, path, page->body);
}

static void serve(struct status_page *page, int fd)
{
    int64_t until_ms = clock_monotonic_ms(&clock_system) + STATUS_PAGE_MS;
    char request[REQUEST_BYTES_MAX], head[HEAD_BYTES];
    if (!read_head(page, fd, until_ms, request))
        return;
    unsigned status = answer_to(page, request);
    size_t bytes = strlen(page->body);
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %u %s\r\nContent-Type: text/plain; version=0.0.4\r\n"
                          "Content-Length: %zu\r\nCache-Control: no-store\r\n"
                          "Connection: close\r\n\r\n",
                          status, words_for(status), bytes);
    send_all(page, fd, until_ms, head, (size_t)length);
    send_all(page, fd, until_ms, page->body, bytes);
}

static void *run(void *argument)
{
    struct status_page *page = argument;
    struct pollfd watched[] = {{page->listening.fd, POLLIN, 0}, {page->wake, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0 || !watched[1].revents) {
        int fd = accept4(page->listening.fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        serve(page, fd);
        close(fd);
    }
    return NULL;
}

/* Starting and stopping */

int status_page_start(struct status_page **started, const char *where,
                      char address[static ADDRESS_BYTES], status_page_text *text, void *context)
{
    struct status_page *page = calloc(1, sizeof *page);
    if (!page)
        return -ENOMEM;
    page->text = text;
    page->context = context;
    page->listening.fd = -1;
    page->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err =
        page->wake < 0 ? -EAGAIN : socket_listen(where, SOCKET_MODE, &page->listening, address);
    if (!err && pthread_create(&page->thread, NULL, run, page))
        err = -EAGAIN;
    if (err) {
        status_page_stop(page);
        return err;
    }
    pthread_setname_np(page->thread, "status");
    page->started = true;
    *started = page;
    return 0;
}

void status_page_stop(struct status_page *page)
{
    if (!page)
        return;
    if (page->started) {
        INVARIANT(eventfd_write(page->wake, 1) == 0);
        pthread_join(page->thread, NULL);
    }
    if (page->listening.fd >= 0)
        socket_close(&page->listening);
    if (page->wake >= 0)
        close(page->wake);
    free(page);
}
