/* A thread that serves connections of the box transport. */
#ifndef REUNION_SERVER_BOX_LOOP_H
#define REUNION_SERVER_BOX_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "box/tunnel.h"

/* DESIGN: everything about a tunnel happens on its loop's thread. Others hand over new connections
 * and orders under a mutex, and wake the thread by an eventfd; it detaches the whole list. */

struct box_loop {
    pthread_t thread;
    int wake; /* an eventfd */
    struct tunnels tunnels;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    struct tunnel_list handed;
    uint64_t asked, looked; /* orders to look for what is overdue, and how many are done */
    bool stopping;
    int64_t stop_ms; /* when all ends, on the monotonic clock */
};

/* Start the thread. Returns: 0, -EAGAIN (no thread or descriptor). */
MUST_CHECK int box_loop_start(struct box_loop *loop, const struct tunnels_settings *settings);

/* Hand over a new tunnel. Any thread, until box_loop_stop. */
void box_loop_take(struct box_loop *loop, struct tunnel *tunnel);

/* Close what is overdue by now. Any thread, until box_loop_stop. Returns: 0, -EAGAIN (the thread
 * has not done it within `timeout_ms`). */
MUST_CHECK int box_loop_look(struct box_loop *loop, int64_t timeout_ms);

/* Begin to end: handshakes are broken off, and each tunnel ends when its answers have been sent,
 * or after `timeout_ms`. Returns at once. */
void box_loop_finish(struct box_loop *loop, int64_t timeout_ms);

/* Wait for that, and release. After box_loop_finish. */
void box_loop_stop(struct box_loop *loop);

#endif
