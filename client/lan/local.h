/* A node on this machine's network interfaces, which may come and go. */
#ifndef REUNION_LAN_LOCAL_H
#define REUNION_LAN_LOCAL_H

#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "lan/endpoint.h"
#include "lan/interfaces.h"
#include "lan/node.h"

/* DESIGN: one thread, one loop. It waits for datagrams, for a change of interfaces, for the
 * node's next turn, or for a stop. An interface that cannot be used is reported once and tried
 * again; one that vanishes is no longer used. Without any interface the run waits for one. */

enum local_event_kind {
    LOCAL_SESSION, /* a session begins */
    LOCAL_WAITING, /* one's T1 has been announced, for the first time */
    LOCAL_USABLE,  /* an endpoint works: `interface` */
    LOCAL_LOST,    /* `interface` is gone, or cannot be used: `trouble` */
    LOCAL_AWAY,    /* no endpoint is left */
    LOCAL_BACK,
    LOCAL_CROWDED,  /* once in a session: more are passed over */
    LOCAL_PROGRESS, /* `counts` have changed */
    LOCAL_MESSAGE,  /* `message` */
};

/* An event to report; all pointers for the call only. */
struct local_event {
    enum local_event_kind kind;
    const struct interface *interface;
    int trouble; /* an errno; 0: it is gone */
    struct lan_counts counts;
    const struct lan_message *message;
};

struct local_settings {
    struct lan_settings node; /* `send`, `reveal` and `state` are not used */
    struct interfaces_wish wish;
    struct lan_groups groups;
    const struct clock_source *clock;
    void (*event)(void *state, const struct local_event *event);
    void *state;
};

struct local;

/* Returns: 0, -ENOMEM. */
MUST_CHECK int local_open(struct local **local, const struct local_settings *settings);

/* The node, to be resumed before the run, and kept during it. */
struct lan_node *local_node(struct local *local);

/* Take part until asked to stop. Returns: -ECANCELED; or -ENOMEM, -EIO. */
MUST_CHECK int local_run(struct local *local);

/* Wipe and release; NULL is fine. */
void local_free(struct local *local);

#endif
