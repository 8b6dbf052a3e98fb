/* One session under test, with everything it told. */
#ifndef REUNION_TESTS_UNIT_SESSION_GUEST_H
#define REUNION_TESTS_UNIT_SESSION_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fake_time.h"
#include "lib/transport_memory.h"
#include "session/seen_messages.h"
#include "session/session.h"
#include "wire/sizes.h"

enum { GUEST_MESSAGES = 64, GUEST_EVENT_KINDS = SESSION_UNSAVED + 1 };

struct guest {
    struct session *session;
    struct transport *transport;
    struct stop_source stop;
    struct clock_source clock;
    struct session_settings settings;
    uint8_t payload[MESSAGE_BYTES];
    char messages[GUEST_MESSAGES][MESSAGE_BYTES + 1]; /* unpadded, in the order shown */
    size_t message_count;
    struct seen_messages seen_messages; /* so that a new session's repetitions are not counted */
    bool event_lost;                    /* there was no memory for that */
    size_t reported[GUEST_EVENT_KINDS]; /* how often each kind of event */
    enum bucket_verdict verdict;        /* of the last refusal */
    int err;                            /* of the last refusal or trouble */
    struct transport_bucket bucket;     /* the last place */
};

/* What a guest has unless a test changes it: usual bounds, one T1 at a time, usual limits. */
void guest_prepare(struct guest *guest, struct memory_server *server, const char *passphrase,
                   const char *message);

/* Begin to meet, as prepared. */
void guest_start(struct guest *guest);

/* Both of these. */
void guest_come(struct guest *guest, struct memory_server *server, const char *passphrase,
                const char *message);

/* So many steps, each of which must go on. */
void guest_steps(struct guest *guest, size_t steps);

/* Step until the session ends. Returns: the end's code. */
int guest_end(struct guest *guest);

/* All in turns, often enough for everything that can happen to have happened. */
void guests_settle(struct guest *guests, size_t count);

/* Whether a guest was shown this message, and how often. */
size_t guest_saw(const struct guest *guest, const char *message);

void guest_leave(struct guest *guest);

#endif
