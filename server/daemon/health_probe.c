#include "daemon/health_probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/socket.h"

enum { PATIENCE_S = 5 };

static const char question[] =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char protocol[] = "HTTP/1.1 ";

/* Connecting, too, takes no longer than sending may. Returns: a socket, or a negative errno. */
static int connect_to(const char *text)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    struct socket_address address;
    if (socket_parse(text, &address))
        return -EINVAL;
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
        connect(fd, &address.any, address.bytes)) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

/* Read the status. Returns: it, or -EPROTO (no HTTP), or the system's errno; -ENODATA is an end
 * before the answer. */
static int ask(int fd)
{
    char answer[sizeof protocol + 3];
    const size_t bytes = sizeof answer - 1;
    if (send(fd, question, sizeof question - 1, MSG_NOSIGNAL) != (ssize_t)sizeof question - 1)
        return -errno;
    ssize_t got = recv(fd, answer, bytes, MSG_WAITALL);
    if (got < 0)
        return errno == EAGAIN ? -ETIMEDOUT : -errno;
    answer[got] = '\0';
    size_t head = sizeof protocol - 1;
    if (memcmp(answer, protocol, (size_t)got < head ? (size_t)got : head) != 0)
        return -EPROTO;
    if ((size_t)got < bytes)
        return -ENODATA;
    return strspn(answer + head, "0123456789") == 3 ? atoi(answer + head) : -EPROTO;
}

static void complain(const char *program, const char *address, int status, const char *meaning,
                     FILE *complaints)
{
    fprintf(complaints, "%s: the daemon at %s ", program, address);
    if (status == 503)
        fprintf(complaints, "is not well (503): %s\n", meaning);
    else if (status >= 0)
        fprintf(complaints, "answers with %d: it is not well, or none of this kind\n", status);
    else if (status == -EPROTO)
        fputs("speaks another protocol than HTTP/1.1: it is none of this kind\n", complaints);
    else if (status == -ENODATA)
        fputs("ended the connection before its answer\n", complaints);
    else if (status == -ETIMEDOUT)
        fprintf(complaints, "does not answer within %d s\n", PATIENCE_S);
    else
        fprintf(complaints, "does not answer: %s\n", err_reason(status));
}

int health_probe(const char *address, const char *program, const char *meaning, FILE *complaints)
{
    int fd = connect_to(address);
    if (fd < 0) {
        const char *fault = fd == -EINVAL ? socket_fault(address) : NULL;
        fprintf(complaints, "%s: nobody answers at %s: %s%s%s\n", program, address,
                fault ? "it is no ADDRESS:PORT or unix:PATH, as " : "", fault ? fault : "",
                fault ? "" : err_reason(fd));
        return -EHOSTUNREACH;
    }
    int status = ask(fd);
    close(fd);
    if (status == 200)
        return 0;
    complain(program, address, status, meaning, complaints);
    return -EPROTO;
}
