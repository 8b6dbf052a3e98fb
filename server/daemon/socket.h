/* Listening sockets: opened by address, or inherited from the service manager. */
#ifndef REUNION_DAEMON_SOCKET_H
#define REUNION_DAEMON_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/err.h"

#define SOCKET_UNIX_PREFIX "unix:"

/* DESIGN: what a client does not read stays in the system's buffers, and so does what it sends
 * before it is asked for. Left alone they grow with the speed of the way to some megabytes for each
 * connection, which no budget of ours counts; so both get a size here. The system doubles what it
 * is told, and may go beyond that by what it sends at once, 64 KiB. Small as they are they suit a
 * proxy on the same machine; over a long way they make a connection slower, and nothing else. */
enum { SOCKET_BUFFER_BYTES = 8 * 1024 };

enum {
    UNIX_PATH_BYTES = sizeof(((struct sockaddr_un *)0)->sun_path), /* with the terminating zero */
    ADDRESS_BYTES = sizeof SOCKET_UNIX_PREFIX + UNIX_PATH_BYTES,   /* longer than any "[v6]:port" */
};

struct socket_address {
    union {
        struct sockaddr any;
        struct sockaddr_un file;
        struct sockaddr_storage room;
    };
    socklen_t bytes;
};

/* Read "ADDRESS:PORT", the address numeric, one of version 6 in brackets; or "unix:PATH".
 * Returns: 0, -EINVAL (no such form). */
MUST_CHECK int socket_parse(const char *text, struct socket_address *address);

/* What is wrong with such a text, in words that stand behind it ("its port is beyond 65535"). Any
 * thread. Returns: NULL if socket_parse takes it. */
const char *socket_fault(const char *text);

struct listening {
    int fd;
    /* The file of a unix socket that was made here, and goes with it; else the path is empty. */
    char path[UNIX_PATH_BYTES];
    dev_t device;
    ino_t inode;
};

/* Listen on an address that socket_parse takes, where port 0 is any that is free; a unix socket
 * gets a file of that mode, where one that nobody listens on any more is replaced. The socket,
 * which does not block, is the caller's; `address` is what it has become.
 * Returns: 0, -EINVAL (no such form), -EADDRINUSE (also of a path where somebody listens), -EEXIST
 * (no socket stands at the path), or the system's errno (-EADDRNOTAVAIL, -EACCES, -ENOENT, …). */
MUST_CHECK int socket_listen(const char *text, mode_t mode, struct listening *listening,
                             char address[static ADDRESS_BYTES]);

/* Whether a descriptor is open and a stream socket that listens. */
bool socket_listens(int fd);

/* Take over a socket that listens already; its file, if it has one, stays when it is closed.
 * Returns: 0, -EINVAL (it is no stream socket that listens; it is left alone). */
MUST_CHECK int socket_adopt(int fd, struct listening *listening,
                            char address[static ADDRESS_BYTES]);

/* What may come while the one thread of the packets is elsewhere, as far as the system allows. */
enum { SOCKET_DATAGRAMS_BYTES = 1 << 20 };

/* Receive datagrams (UDP) at "ADDRESS:PORT", as in socket_listen. Returns: likewise. */
MUST_CHECK int socket_open_datagrams(const char *text, struct listening *listening,
                                     char address[static ADDRESS_BYTES]);

/* Whether a descriptor is open and a UDP socket that has an address. */
bool socket_takes_datagrams(int fd);

/* Take over such a socket. Returns: 0, -EINVAL (it is none; it is left alone). */
MUST_CHECK int socket_adopt_datagrams(int fd, struct listening *listening,
                                      char address[static ADDRESS_BYTES]);

/* Bound what the system keeps of what is sent over a connection, by `bytes` that it doubles. One
 * that was accepted from a socket of `socket_listen` or `socket_adopt` has the bound of what comes
 * already. */
void socket_bound_sending(int connection, int bytes);

/* Close it, and remove its file unless something else stands there by now. */
void socket_close(struct listening *listening);

#endif
