#include "http/socket.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

/* Split "ADDRESS:PORT" or "[ADDRESS]:PORT". Gives: 0, -EINVAL. */
static int split_address(const char *text, char host[static ADDRESS_BYTES], const char **port)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    } else if (colon && memchr(text, ':', length)) {
        return -EINVAL;
    }
    if (length == 0 || length >= ADDRESS_BYTES)
        return -EINVAL;
    memcpy(host, text, length);
    host[length] = '\0';
    *port = colon + 1;
    return 0;
}

/* The library takes port numbers beyond the range modulo its size. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && strtol(text, NULL, 10) <= 65535;
}

static int bind_socket(const struct addrinfo *info, int *bound)
{
    const int on = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -EIO;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG)) {
        int err = errno == EADDRINUSE ? -EBUSY : errno == EACCES ? -EACCES : -EIO;
        close(fd);
        return err;
    }
    *bound = fd;
    return 0;
}

static int open_socket(const char *text, int *bound)
{
    char host[ADDRESS_BYTES];
    const char *port;
    struct addrinfo *info = NULL;
    const struct addrinfo wanted = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    if (split_address(text, host, &port) || !is_port(port) ||
        getaddrinfo(host, port, &wanted, &info))
        return -EINVAL;
    int err = bind_socket(info, bound);
    freeaddrinfo(info);
    return err;
}

static int print_address(int fd, char address[static ADDRESS_BYTES])
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char host[ADDRESS_BYTES - 10], port[8];
    if (getsockname(fd, (struct sockaddr *)&bound, &length) ||
        getnameinfo((struct sockaddr *)&bound, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV))
        return -EIO;
    snprintf(address, ADDRESS_BYTES, bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    return 0;
}

int socket_listen(const char *text, int *listening, char address[static ADDRESS_BYTES])
{
    int fd;
    int err = open_socket(text, &fd);
    if (err)
        return err;
    err = print_address(fd, address);
    if (err)
        close(fd);
    else
        *listening = fd;
    return err;
}
