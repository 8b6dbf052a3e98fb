/* Routes through the mixes: drawn at random, around mixes that do not answer. */
#ifndef REUNION_UDP_MIX_ROUTES_H
#define REUNION_UDP_MIX_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "mix/header.h"
#include "json/net_file.h"

/* DESIGN: a try is a request over some mixes and its answer over some. Whether a mix works shows
 * only in tries that are answered, and a try that is not answered says nothing of which of its
 * mixes is to blame. So a mix over which two tries in a row were not answered is suspected: others
 * are drawn, and it is probed by a packet that goes over it and back to the client. An answer
 * clears it; after two unanswered probes it has failed, which the user is told, and it is probed
 * again from time to time. Routes never become shorter for want of mixes that work: whoever can
 * silence mixes must not choose the route.
 *
 * Nothing here knows packets or time. One thread. */

enum {
    MIX_ROUTE_DRAWN = 3,      /* mixes of a route that is drawn, or all if there are fewer */
    MIX_ROUTE_UNANSWERED = 2, /* so many tries in a row make a mix suspected */
    MIX_ROUTE_PROBES = 2,     /* so many unanswered probes make it a failed one */
};

/* Mixes by their numbers in the net file, the first one first. */
struct mix_route {
    size_t mix[MIX_HOPS_MAX];
    size_t count;
};

/* The way of a request, and that of its answer, which ends at the mix where the other begins. */
struct mix_try {
    struct mix_route there, back;
};

enum mix_health {
    MIX_HEALTH_GOOD,
    MIX_HEALTH_SUSPECTED, /* to be probed */
    MIX_HEALTH_FAILED,
};

struct mix_routes {
    size_t count;           /* mixes */
    struct mix_route fixed; /* by --route; a count of 0: routes are drawn */
    struct {
        enum mix_health health;
        unsigned unanswered; /* tries in a row */
        unsigned probes;     /* unanswered, since it is suspected */
        bool answered;       /* in the last try that is known of it */
    } mixes[NET_MIXES_MAX];
};

/* Ready for `count` mixes (1 to NET_MIXES_MAX); `fixed` is copied, and has different mixes. */
void mix_routes_init(struct mix_routes *routes, size_t count, const struct mix_route *fixed);

/* Draw the ways of a request. `again`: an earlier try of it was not answered, so mixes of which
 * more is known come first, and the answer takes no others than the request: the fewer mixes a
 * try has, the more it shows. */
void mix_routes_draw(struct mix_try *drawn, const struct mix_routes *routes, bool again,
                     const struct random_source *random);

/* Draw a route of MIX_ROUTE_DRAWN mixes that begins with `first`: for cover. */
void mix_routes_draw_from(struct mix_route *drawn, const struct mix_routes *routes, size_t first,
                          const struct random_source *random);

/* Draw a way over `mix` and back to where it begins, for a probe: by a mix that answers, or, if
 * there is none, over `mix` alone. Of fixed routes it begins at their first. */
void mix_routes_draw_probe(struct mix_route *drawn, const struct mix_routes *routes, size_t mix,
                           const struct random_source *random);

/* What became of a try. An answer may still come after it was counted as unanswered. */
void mix_routes_answered(struct mix_routes *routes, const struct mix_try *tried);
void mix_routes_unanswered(struct mix_routes *routes, const struct mix_try *tried);

/* What became of a probe of `mix`. mix_routes_probe_unanswered returns: whether it has failed by
 * that. */
void mix_routes_probe_answered(struct mix_routes *routes, size_t mix);
bool mix_routes_probe_unanswered(struct mix_routes *routes, size_t mix);

/* The system reports that nobody takes packets there. Returns: whether that is new. */
bool mix_routes_refused(struct mix_routes *routes, size_t mix);

#endif
