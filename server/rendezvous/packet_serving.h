/* The packets of the box transport as the settings want them. */
#ifndef REUNION_RENDEZVOUS_PACKET_SERVING_H
#define REUNION_RENDEZVOUS_PACKET_SERVING_H

#include "box/packet_listener.h"
#include "http/listener.h"
#include "rendezvous/app.h"
#include "rendezvous/config.h"
#include "rendezvous/listening.h"

/* DESIGN: anybody can send packets under anybody's address. So what an address may ask for by
 * packets is counted apart from what it may ask for over connections, whose address is proven:
 * whoever forges an address takes nothing from connections that come from there. */
struct packet_serving {
    struct ops ops;
    struct rates rates;
    bool has_rates;
    struct metrics *metrics;
    struct packet_listener *listener; /* NULL: packets are not served */
};

/* Whether packets are to be served, by the settings or on a socket that was handed over. */
bool packet_serving_is_wanted(const struct config *config, const struct handed_sockets *handed);

/* Receive wherever the settings say and on the `handed` sockets that are for packets, and serve
 * `api`. What is pointed to must outlive it. What fails is
 * logged; what has been made is for packet_serving_close in any case. Returns: APP_EXIT_STOPPED, or
 * with what code to exit. */
MUST_CHECK enum app_exit packet_serving_start(struct packet_serving *serving,
                                              const struct box_identity *identity,
                                              const struct api *api, const struct config *config,
                                              const struct handed_sockets *handed,
                                              const struct clock_source *clock,
                                              const struct random_source *random);

/* See packet_listener_look, _quiesce, _drain and _close; where nothing is served they do nothing.
 */
MUST_CHECK int packet_serving_look(struct packet_serving *serving, int64_t timeout_ms);
void packet_serving_quiesce(struct packet_serving *serving);
MUST_CHECK int packet_serving_drain(struct packet_serving *serving, int64_t timeout_ms);
void packet_serving_close(struct packet_serving *serving);

#endif
