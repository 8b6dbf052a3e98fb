#include "rendezvous/probe.h"

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

/* The address that a running server has written down, as its port may have been left to the system;
 * else the configured one. A file that should have it and has not is no reason to ask elsewhere. */
static int choose_address(const struct config *config, char address[static SETTING_TEXT_BYTES],
                          FILE *complaints)
{
    const char *path = config->address_file.text;
    if (!*path) {
        snprintf(address, SETTING_TEXT_BYTES, "%s", config->listen.items[0].text);
        return 0;
    }
    FILE *file = fopen(path, "re");
    errno = file ? 0 : errno;
    bool found = file && fgets(address, SETTING_TEXT_BYTES, file);
    int err = -errno;
    if (file)
        (void)fclose(file);
    if (found)
        address[strcspn(address, "\n")] = '\0';
    if (found && *address)
        return 0;
    fprintf(complaints, "reunion-server: the address file %s says no address: %s\n", path,
            err ? err_reason(err) : "it is empty");
    return -EHOSTUNREACH;
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

static void complain(const char *address, int status, FILE *complaints)
{
    fprintf(complaints, "reunion-server: the server at %s ", address);
    if (status == 503)
        fputs("is not well (503): it cannot write to its database, or is full; see its log\n",
              complaints);
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

int probe(const struct config *config, FILE *complaints)
{
    char address[SETTING_TEXT_BYTES];
    int err = choose_address(config, address, complaints);
    if (err)
        return err;
    int fd = connect_to(address);
    if (fd < 0) {
        const char *fault = fd == -EINVAL ? socket_fault(address) : NULL;
        fprintf(complaints, "reunion-server: nobody answers at %s: %s%s%s\n", address,
                fault ? "it is no ADDRESS:PORT or unix:PATH, as " : "", fault ? fault : "",
                fault ? "" : err_reason(fd));
        return -EHOSTUNREACH;
    }
    int status = ask(fd);
    close(fd);
    if (status == 200)
        return 0;
    complain(address, status, complaints);
    return -EPROTO;
}
