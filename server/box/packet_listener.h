/* The listener of packets of the box transport, and its thread. */
#ifndef REUNION_SERVER_BOX_PACKET_LISTENER_H
#define REUNION_SERVER_BOX_PACKET_LISTENER_H

#include "box/packet_calls.h"
#include "daemon/socket.h"

/* DESIGN: one thread polls the sockets and does all that requests need but for what the service's
 * threads do. A request that reads takes it a few microseconds, about as many as its two boxes and
 * its share of the system calls. */

enum { PACKET_SOCKETS_MAX = 16 };

struct packet_listener;

/* Make one that listens nowhere yet. What the settings point to must outlive it. Returns: 0,
 * -ENOMEM, -EAGAIN (no descriptor). */
MUST_CHECK int packet_listener_new(struct packet_listener **listener,
                                   const struct packet_calls_settings *settings);

/* Receive at an address too (see socket_open_datagrams); before packet_listener_start. Returns: 0,
 * -ENOSPC (too many addresses), and what socket_open_datagrams gives. */
MUST_CHECK int packet_listener_add(struct packet_listener *listener, const char *text,
                                   char address[static ADDRESS_BYTES]);

/* The same with a socket that is bound already and becomes the listener's (see
 * socket_adopt_datagrams). */
MUST_CHECK int packet_listener_adopt(struct packet_listener *listener, int socket,
                                     char address[static ADDRESS_BYTES]);

/* Start the thread. Returns: 0, -EAGAIN. */
MUST_CHECK int packet_listener_start(struct packet_listener *listener);

/* Whether the thread lives. Between packet_listener_start and packet_listener_close. Returns: 0,
 * -EAGAIN (it has not answered within `timeout_ms`). */
MUST_CHECK int packet_listener_look(struct packet_listener *listener, int64_t timeout_ms);

/* Take no request from now on. */
void packet_listener_quiesce(struct packet_listener *listener);

/* Wait until no request is under way, at most `timeout_ms`; after packet_listener_quiesce, when the
 * service's waits have ended and ops->stops is set. Returns: 0, -EAGAIN (one still is). */
MUST_CHECK int packet_listener_drain(struct packet_listener *listener, int64_t timeout_ms);

/* Answer what is under way, which the service must have ended or be about to, close, and release.
 * NULL is fine. */
void packet_listener_close(struct packet_listener *listener);

#endif
