/* Proof of work that a server asks for before it takes our T1. */
#ifndef REUNION_SESSION_PAYING_H
#define REUNION_SESSION_PAYING_H

#include <stdbool.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "base/err.h"
#include "stamps/parallel_search.h"

struct session;

/* The search for a stamp of one's own T1, which goes on where it was when more is asked for. */
struct paying {
    struct parallel_search search;
    struct stamp found; /* the identity's stamp points to its nonce */
};

/* Search for a stamp worth what is asked, and have the next announcement carry it. Tells
 * SESSION_PAYING once in a search; blocks until the work is done or a stop is asked. Returns: 0
 * (also where nothing is asked), -EPERM (more is asked than may be paid, or the server shows others
 * another challenge; told), -ECANCELED, -ENOMEM, or what the transport gave. */
MUST_CHECK int session_pay(struct session *session);

/* The same after a T1 was refused for want of a stamp. Returns: -EPROTO besides (the stamp it came
 * with is worth what is asked). */
MUST_CHECK int session_pay_more(struct session *session);

/* What has been found is for nothing any more; a paying of zeros is fine. */
void paying_close(struct paying *paying);

#endif
