/* The sockets of a mix, and the thread that does its work. */
#ifndef REUNION_SERVER_MIX_LISTENER_H
#define REUNION_SERVER_MIX_LISTENER_H

#include "daemon/socket.h"
#include "mix/node.h"

/* DESIGN: one thread polls the sockets, hands what came to the node, and wakes when the node has
 * something due. Others hand it what is to be done (stop, another net file), and wake it by an
 * eventfd. It publishes what the node counts at most once a second, so that nobody who asks waits
 * for a cipher. */

enum { MIX_SOCKETS_MAX = 16 };

struct mix_counts {
    uint64_t counts[NODE_COUNTS];
    size_t tags;
    bool writes, is_listed;
};

struct mix_listener;

/* Make one that listens nowhere yet. `send` and `context` of the settings are the listener's.
 * Returns: 0, -ENOMEM, -EAGAIN (no descriptor). */
MUST_CHECK int mix_listener_new(struct mix_listener **listener,
                                const struct node_settings *settings, const struct net_file *net);

/* The node, until mix_listener_start. */
struct node *mix_listener_node(struct mix_listener *listener);

/* Receive at an address too (see socket_open_datagrams); before mix_listener_start. Returns: 0,
 * -ENOSPC (too many addresses), and what socket_open_datagrams gives. */
MUST_CHECK int mix_listener_add(struct mix_listener *listener, const char *text,
                                char address[static ADDRESS_BYTES]);

/* The same with a socket that is bound already and becomes the listener's (see
 * socket_adopt_datagrams). */
MUST_CHECK int mix_listener_adopt(struct mix_listener *listener, int socket,
                                  char address[static ADDRESS_BYTES]);

/* Whether there is a socket for an endpoint's version of IP. */
bool mix_listener_reaches(const struct mix_listener *listener, const struct mix_endpoint *to);

/* Start the thread. Returns: 0, -EAGAIN. */
MUST_CHECK int mix_listener_start(struct mix_listener *listener);

/* Whether the thread lives. Between mix_listener_start and mix_listener_close. Returns: 0, -EAGAIN
 * (it has not answered within `timeout_ms`). */
MUST_CHECK int mix_listener_look(struct mix_listener *listener, int64_t timeout_ms);

/* Know other mixes and servers from now on. One thread at a time; returns when it is done. Returns:
 * 0, -ENOMEM. */
MUST_CHECK int mix_listener_set_net(struct mix_listener *listener, const struct net_file *net);

/* What was counted lately. Any thread. */
struct mix_counts mix_listener_counts(struct mix_listener *listener);

/* Have what waits leave, and end the thread, if it was started. A log of the node's tags can be
 * closed then. */
void mix_listener_stop(struct mix_listener *listener);

/* Stop, close and release. NULL is fine. */
void mix_listener_close(struct mix_listener *listener);

#endif
