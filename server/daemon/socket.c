#include "daemon/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/socket_unix.h"

enum { HOST_BYTES = 64, PORT_BYTES = 8 };

/* Split "ADDRESS:PORT" or "[ADDRESS]:PORT". Returns: 0, -EINVAL. */
static int split_address(const char *text, char host[static HOST_BYTES], const char **port)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    } else if (colon && memchr(text, ':', length)) {
        return -EINVAL;
    }
    if (length == 0 || length >= HOST_BYTES)
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

static int parse_tcp(const char *text, struct socket_address *address)
{
    char host[HOST_BYTES];
    const char *port;
    struct addrinfo *info = NULL;
    const struct addrinfo wanted = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    if (split_address(text, host, &port) || !is_port(port) ||
        getaddrinfo(host, port, &wanted, &info))
        return -EINVAL;
    memcpy(&address->room, info->ai_addr, info->ai_addrlen);
    address->bytes = info->ai_addrlen;
    freeaddrinfo(info);
    return 0;
}

static bool is_unix(const char *text)
{
    return strncmp(text, SOCKET_UNIX_PREFIX, strlen(SOCKET_UNIX_PREFIX)) == 0;
}

static int parse_unix(const char *path, struct socket_address *address)
{
    size_t length = strlen(path);
    if (length == 0 || length >= UNIX_PATH_BYTES)
        return -EINVAL;
    address->file = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->file.sun_path, path, length);
    address->bytes = sizeof address->file;
    return 0;
}

int socket_parse(const char *text, struct socket_address *address)
{
    return is_unix(text) ? parse_unix(text + strlen(SOCKET_UNIX_PREFIX), address)
                         : parse_tcp(text, address);
}

static const char *fault_of_path(const char *path)
{
    return *path == '\0'                     ? "it names no path"
           : strlen(path) >= UNIX_PATH_BYTES ? "the path of a socket has at most 107 bytes"
                                             : NULL;
}

static const char *fault_of_port(const char *port)
{
    size_t digits = strspn(port, "0123456789");
    if (digits == 0 || port[digits] != '\0')
        return "its port is no number";
    return is_port(port) ? NULL : "its port is beyond 65535";
}

_Static_assert(UNIX_PATH_BYTES == 108, "the text says otherwise");

const char *socket_fault(const char *text)
{
    char host[HOST_BYTES];
    const char *port, *colon = strrchr(text, ':');
    struct socket_address address;
    if (is_unix(text))
        return fault_of_path(text + strlen(SOCKET_UNIX_PREFIX));
    if (socket_parse(text, &address) == 0)
        return NULL;
    if (!colon || (*text == '[' && colon[-1] != ']' && strchr(colon, ']')))
        return "it has no :PORT behind an address";
    if (colon == text)
        return "it has no address: 0.0.0.0 and [::] stand for all";
    if (*text != '[' && memchr(text, ':', (size_t)(colon - text)))
        return "an address of version 6 stands in brackets";
    const char *fault = fault_of_port(colon + 1);
    if (fault)
        return fault;
    return split_address(text, host, &port) ? "its brackets hold no address"
                                            : "its address is not numeric: no name is looked up";
}

/* A connection has it from its first byte on if the socket that listens has it. */
static void bound_receiving(int fd)
{
    const int bytes = SOCKET_BUFFER_BYTES;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void socket_bound_sending(int connection, int bytes)
{
    (void)setsockopt(connection, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static void widen_receiving(int fd)
{
    const int bytes = SOCKET_DATAGRAMS_BYTES;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* A UDP socket with SO_REUSEADDR would share its address with whoever asks for that, too. */
static int open_internet(const char *text, int type, struct listening *listening)
{
    const int on = 1;
    struct socket_address address;
    bool is_stream = type == SOCK_STREAM;
    if (parse_tcp(text, &address))
        return -EINVAL;
    int fd = socket(address.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (is_stream) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        bound_receiving(fd);
    } else {
        widen_receiving(fd);
    }
    if (address.any.sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, &address.any, address.bytes) || (is_stream && listen(fd, SOCKET_BACKLOG))) {
        int err = -errno;
        close(fd);
        return err;
    }
    listening->fd = fd;
    return 0;
}

/* The name of a unix socket has no zero at its end if it fills the place; an abstract one begins
 * with a zero, for which "@" is written. */
static void print_unix(const struct sockaddr_un *bound, socklen_t bytes,
                       char address[static ADDRESS_BYTES])
{
    int length = (int)bytes - (int)offsetof(struct sockaddr_un, sun_path);
    bool abstract = length > 0 && bound->sun_path[0] == '\0';
    snprintf(address, ADDRESS_BYTES, SOCKET_UNIX_PREFIX "%s%.*s", abstract ? "@" : "",
             abstract     ? length - 1
             : length > 0 ? length
                          : 0,
             bound->sun_path + abstract);
}

static int print_address(int fd, char address[static ADDRESS_BYTES])
{
    struct socket_address bound;
    socklen_t length = sizeof bound.room;
    char host[HOST_BYTES], port[PORT_BYTES];
    if (getsockname(fd, &bound.any, &length))
        return -errno;
    if (bound.any.sa_family == AF_UNIX) {
        print_unix(&bound.file, length, address);
        return 0;
    }
    if (getnameinfo(&bound.any, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV))
        return -EIO;
    snprintf(address, ADDRESS_BYTES, bound.any.sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
             port);
    return 0;
}

/* Returns: 0, or why the address cannot be read; the socket is closed then. */
static int publish(struct listening *made, struct listening *listening,
                   char address[static ADDRESS_BYTES])
{
    int err = print_address(made->fd, address);
    if (err)
        socket_close(made);
    else
        *listening = *made;
    return err;
}

int socket_listen(const char *text, mode_t mode, struct listening *listening,
                  char address[static ADDRESS_BYTES])
{
    struct listening made = {.fd = -1};
    int err = is_unix(text) ? socket_unix_listen(text + strlen(SOCKET_UNIX_PREFIX), mode, &made)
                            : open_internet(text, SOCK_STREAM, &made);
    return err ? err : publish(&made, listening, address);
}

int socket_open_datagrams(const char *text, struct listening *listening,
                          char address[static ADDRESS_BYTES])
{
    struct listening made = {.fd = -1};
    int err = open_internet(text, SOCK_DGRAM, &made);
    return err ? err : publish(&made, listening, address);
}

static int option_of(int fd, int option)
{
    int value;
    socklen_t bytes = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &bytes) ? -1 : value;
}

bool socket_listens(int fd)
{
    return option_of(fd, SO_TYPE) == SOCK_STREAM && option_of(fd, SO_ACCEPTCONN) == 1;
}

static int adopt(int fd, struct listening *listening, char address[static ADDRESS_BYTES])
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC) ||
        print_address(fd, address))
        return -EINVAL;
    *listening = (struct listening){.fd = fd};
    return 0;
}

int socket_adopt(int fd, struct listening *listening, char address[static ADDRESS_BYTES])
{
    if (!socket_listens(fd) || adopt(fd, listening, address))
        return -EINVAL;
    bound_receiving(fd);
    return 0;
}

bool socket_takes_datagrams(int fd)
{
    struct socket_address bound;
    socklen_t bytes = sizeof bound.room;
    if (option_of(fd, SO_TYPE) != SOCK_DGRAM || getsockname(fd, &bound.any, &bytes))
        return false;
    return bound.any.sa_family == AF_INET
               ? ((const struct sockaddr_in *)(const void *)&bound.room)->sin_port != 0
               : bound.any.sa_family == AF_INET6 &&
                     ((const struct sockaddr_in6 *)(const void *)&bound.room)->sin6_port != 0;
}

int socket_adopt_datagrams(int fd, struct listening *listening, char address[static ADDRESS_BYTES])
{
    return socket_takes_datagrams(fd) ? adopt(fd, listening, address) : -EINVAL;
}

void socket_close(struct listening *listening)
{
    if (listening->path[0])
        socket_unix_remove(listening);
    close(listening->fd);
    *listening = (struct listening){.fd = -1};
}
