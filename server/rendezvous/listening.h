/* The listeners of the server, opened as the settings say. */
#ifndef REUNION_RENDEZVOUS_LISTENING_H
#define REUNION_RENDEZVOUS_LISTENING_H

#include "http/listener.h"
#include "rendezvous/app.h"
#include "rendezvous/config.h"

/* Log that there are no threads, memory or descriptors to serve with. Returns: with what code to
 * exit. */
enum app_exit listening_failed(int err);

/* Sockets that the service manager hands over, from descriptor MANAGER_FIRST_SOCKET on. One that is
 * named "box" is for the box transport: its streams, or packets if it takes datagrams. Every other
 * is for the API over HTTP. */
struct handed_sockets {
    int count;
    char **names; /* NULL: there are none */
};

enum handed_use { HANDED_API, HANDED_BOX, HANDED_PACKETS };

/* Look at what the service manager hands over, as long as nothing else is open. What is of no use
 * is logged. `handed` is for listening_free_handed in any case. Returns: APP_EXIT_STOPPED, or with
 * what code to exit. */
MUST_CHECK enum app_exit listening_take_handed(struct handed_sockets *handed);

/* Release the names. */
void listening_free_handed(struct handed_sockets *handed);

/* What a socket, from 0 on, is for; how many are for one use. */
enum handed_use listening_use_of(const struct handed_sockets *handed, int which);
int listening_count(const struct handed_sockets *handed, enum handed_use use);

/* A part of the server that listens, on addresses of the settings and on sockets that are handed
 * over. */
struct listening_part {
    const char *serving;            /* in the log */
    enum handed_use use;            /* of what is handed over */
    const uint8_t *key;             /* BOX_KEY_BYTES, told with each address; or NULL */
    struct address_file *addresses; /* that gets each; or NULL */

    /* Listen on an address, or on a socket that listens already; `address` is what it has become.
     * Returns: as socket_listen and socket_adopt, -ENOSPC (too many), -EPROTOTYPE (it is no TCP).
     */
    int (*add)(void *listener, const char *text, char address[static ADDRESS_BYTES]);
    int (*adopt)(void *listener, int socket, char address[static ADDRESS_BYTES]);
    void *listener;
};

/* Have a part listen on the sockets that are for it, then on each of the addresses. What it listens
 * on, or cannot, is logged. Returns: APP_EXIT_STOPPED, or with what code to exit. */
MUST_CHECK enum app_exit listening_on_handed(const struct listening_part *part,
                                             const struct handed_sockets *handed);
MUST_CHECK enum app_exit listening_on_each(const struct listening_part *part,
                                           const struct setting_texts *addresses);

/* The rates that the settings have for requests. */
struct rates_rules listening_rates(const struct config *config);

/* Listen wherever the settings say, and on the `handed` sockets, and serve `api`. What is pointed
 * to must outlive the listener, which is the caller's to close even if it does not listen
 * everywhere. What fails is logged. Returns: APP_EXIT_STOPPED (it serves), or with what code to
 * exit.
 */
MUST_CHECK enum app_exit listening_start_api(struct listener **listener, const struct api *api,
                                             const struct config *config,
                                             const struct handed_sockets *handed,
                                             const struct clock_source *clock,
                                             const struct random_source *random);

/* The same for metrics, if they have a listener of their own: whoever asks for them takes nothing
 * from those who come to meet, as another thread answers, and few connections. */
MUST_CHECK enum app_exit listening_start_metrics(struct listener **listener, const struct api *api,
                                                 const struct config *config,
                                                 const struct clock_source *clock,
                                                 const struct random_source *random);

#endif
