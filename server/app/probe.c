#include "app/probe.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_S = 5, HOST_BYTES = 64 };

static const char unix_prefix[] = "unix:";
static const char question[] =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char well[] = "HTTP/1.1 200 ";

/* Connecting, too, takes no longer than sending may. Gives: a socket, -1. */
static int connect_to(const struct sockaddr *address, socklen_t bytes)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
        connect(fd, address, bytes)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, length);
    return connect_to((const struct sockaddr *)&address, sizeof address);
}

/* "ADDRESS:PORT" or "[ADDRESS]:PORT". */
static int connect_tcp(const char *text)
{
    char host[HOST_BYTES];
    const char *colon = strrchr(text, ':');
    struct addrinfo *info;
    const struct addrinfo wanted = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
        .ai_socktype = SOCK_STREAM,
    };
    if (!colon)
        return -1;
    bool is_v6 = text[0] == '[' && colon[-1] == ']';
    int length = (int)(colon - text) - (is_v6 ? 2 : 0);
    if (length >= HOST_BYTES)
        return -1;
    snprintf(host, sizeof host, "%.*s", length, text + is_v6);
    if (getaddrinfo(host, colon + 1, &wanted, &info))
        return -1;
    int fd = connect_to(info->ai_addr, info->ai_addrlen);
    freeaddrinfo(info);
    return fd;
}

static int connect_text(const char *text)
{
    size_t prefix = sizeof unix_prefix - 1;
    return strncmp(text, unix_prefix, prefix) == 0 ? connect_unix(text + prefix)
                                                   : connect_tcp(text);
}

/* The address that a running server has written down, as its port may have been left to the system;
 * else the configured one. */
static void choose_address(const struct config *config, char address[static CONFIG_TEXT_BYTES])
{
    FILE *file = config->address_file.text[0] ? fopen(config->address_file.text, "re") : NULL;
    if (!file || !fgets(address, CONFIG_TEXT_BYTES, file))
        snprintf(address, CONFIG_TEXT_BYTES, "%s", config->listen.items[0].text);
    if (file)
        (void)fclose(file);
    address[strcspn(address, "\n")] = '\0';
}

int probe(const struct config *config, FILE *complaints)
{
    char address[CONFIG_TEXT_BYTES], answer[sizeof well - 1];
    choose_address(config, address);
    int fd = connect_text(address);
    if (fd < 0) {
        fprintf(complaints, "nobody answers at %s\n", address);
        return -EHOSTUNREACH;
    }
    bool is_well =
        send(fd, question, sizeof question - 1, MSG_NOSIGNAL) == (ssize_t)sizeof question - 1 &&
        recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
        memcmp(answer, well, sizeof answer) == 0;
    close(fd);
    if (!is_well)
        fprintf(complaints, "the server at %s is not well, or none of this kind\n", address);
    return is_well ? 0 : -EPROTO;
}
