/* A session that costs nothing: reunion.h's functions without its cryptography. */
#ifndef REUNION_TESTS_LIB_FAKE_SESSION_H
#define REUNION_TESTS_LIB_FAKE_SESSION_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* DESIGN: linked instead of the library. It keeps the library's contract towards its driver
 * (who gets what answer when, what repeats, what fails) so that driving can be tested by the
 * thousand; anybody could read or forge its records. */

/* A T1 begins with its beta; a byte further on, not being 0, makes that an invalid one. */
enum { FAKE_T1_BETA_BYTES = 32, FAKE_T1_INVALID_AT = 64 };

/* How many betas were new, in all sessions: the group actions the library would have done. */
extern atomic_size_t fake_session_actions;

/* How many of them were done by preparations. */
extern atomic_size_t fake_session_prepared;

/* What reunion_t1s_at_once gives; 1 unless a test sets it. */
extern size_t fake_session_at_once;

/* Called by each opening, in its thread, where a test sets it: to let time pass. */
extern void (*fake_session_opening)(void);

/* How many sessions were opened. */
extern atomic_size_t fake_session_opened;

/* How many sessions are open. */
extern atomic_size_t fake_session_open;

/* The number of the next T1s worked on that end with -ECANCELED. */
extern atomic_size_t fake_session_cancel;

#endif
