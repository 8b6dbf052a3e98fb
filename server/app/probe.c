#include "app/probe.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "http/socket.h"

enum { PATIENCE_S = 5 };

static const char question[] =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char well[] = "HTTP/1.1 200 ";

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
    int fd = connect_to(address);
    if (fd < 0) {
        fprintf(complaints, "reunion-server: nobody answers at %s: %s\n", address,
                fd == -EINVAL ? "it is no ADDRESS:PORT or unix:PATH" : err_reason(fd));
        return -EHOSTUNREACH;
    }
    bool is_well =
        send(fd, question, sizeof question - 1, MSG_NOSIGNAL) == (ssize_t)sizeof question - 1 &&
        recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
        memcmp(answer, well, sizeof answer) == 0;
    close(fd);
    if (!is_well)
        fprintf(complaints, "reunion-server: the server at %s is not well, or none of this kind\n",
                address);
    return is_well ? 0 : -EPROTO;
}
