/* The box transport as the settings want it: its key, its clients, its listener. */
#ifndef REUNION_RENDEZVOUS_BOX_SERVING_H
#define REUNION_RENDEZVOUS_BOX_SERVING_H

#include "box/box_listener.h"
#include "http/listener.h"
#include "rendezvous/app.h"
#include "rendezvous/config.h"
#include "rendezvous/listening.h"
#include "rendezvous/packet_serving.h"

struct box_serving {
    struct box_identity *identity; /* in guarded memory; NULL: the transport is not served */
    const char *clients_file;      /* of the config; NULL: all clients are admitted */
    struct client_list clients;
    struct box_listener *listener; /* of streams; NULL: they are not served */
    struct packet_serving packets;
};

/* Read the key, or make it, if that is not done yet. What fails is logged. Returns:
 * APP_EXIT_STOPPED, or with what code to exit. */
MUST_CHECK enum app_exit box_serving_take_key(struct box_serving *serving,
                                              const struct config *config,
                                              const struct random_source *random);

/* Take the key, read the list of clients, listen wherever the settings say and on
 * the `handed` sockets that are for it, and serve over `inside` what that serves, the `api`. They
 * must outlive it, as must the config, clock and random. Without an address nothing is done. What
 * fails is logged; what has been made is for box_serving_close in any case. Returns:
 * APP_EXIT_STOPPED, or with what code to exit. */
MUST_CHECK enum app_exit box_serving_start(struct box_serving *serving, struct listener *inside,
                                           const struct api *api, const struct config *config,
                                           const struct handed_sockets *handed,
                                           const struct clock_source *clock,
                                           const struct random_source *random);

/* Whether SIGHUP means something to it. */
bool box_serving_rereads(const struct config *config);

/* Read the list of clients again. If that fails the list stays as it is, and the log says so. */
void box_serving_reread(struct box_serving *serving);

/* Whether all its threads live; see box_listener_look. Returns: 0, -EAGAIN. */
MUST_CHECK int box_serving_look(struct box_serving *serving, int64_t timeout_ms);

/* Accept nothing more. */
void box_serving_quiesce(struct box_serving *serving);

/* Wait until no packet is under way, at most `timeout_ms`; those of streams are the `inside`'s.
 * Returns: 0, -EAGAIN. */
MUST_CHECK int box_serving_drain(struct box_serving *serving, int64_t timeout_ms);

/* Send what has been answered, for at most `timeout_ms`, and release all but the key. */
void box_serving_close(struct box_serving *serving, int64_t timeout_ms);

/* Release the key, which mailboxes need until the service has ended. */
void box_serving_free_key(struct box_serving *serving);

/* See whether the key, if there is one, and the list can be used. What cannot is a line in
 * `complaints`. Returns: 0, -EINVAL. */
MUST_CHECK int box_serving_check(const struct config *config, FILE *complaints);

#endif
