/* The net file: the mixes of a chain, and the servers that they lead to. */
#ifndef REUNION_JSON_NET_FILE_H
#define REUNION_JSON_NET_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/box.h"
#include "mix/surb.h"

/* Source: mix.md of the specification, "The net file". Mixes and clients read the same file. */

enum {
    NET_MIXES_MAX = 64,
    NET_SERVERS_MAX = 64,
    NET_NAME_BYTES = 64, /* with the terminating zero */
    NET_FILE_BYTES_MAX = 65536,
    NET_COMPLAINT_BYTES = 256, /* with the terminating zero */
};

/* A mix or a server. */
struct net_node {
    char name[NET_NAME_BYTES]; /* letters, digits, '.', '-' and '_'; not empty */
    struct mix_endpoint at;    /* IPv4 as ::ffff:a.b.c.d; the port is not 0 */
    uint8_t key[BOX_KEY_BYTES];
};

struct net_file {
    struct net_node mixes[NET_MIXES_MAX]; /* at least one */
    struct net_node servers[NET_SERVERS_MAX];
    size_t mix_count, server_count;
};

/* Read a net file of `bytes` bytes. Names are different within a list; addresses and keys are
 * different in both lists together, and each key can be somebody's. Addresses are literal: nothing
 * is looked up. Any thread.
 * Returns: 0; -EBADMSG and in `complaint` an English phrase that names the place and what is wrong
 * there; -ENOMEM. `net` is untouched after an error. */
MUST_CHECK int net_file_parse(struct net_file *net, const char *text, size_t bytes,
                              char complaint[static NET_COMPLAINT_BYTES]);

enum { NET_ADDRESS_TEXT_BYTES = 64 };

/* An address as it stands in the file: "203.0.113.5:5444", "[2001:db8::5]:5444". Any thread.
 * net_address_parse returns: 0, -EBADMSG (no literal address, no port, or an address that nobody
 * can have: of zeros, or of a group; `at` is untouched then). */
MUST_CHECK int net_address_parse(struct mix_endpoint *at, const char *text);
void net_address_print(char text[static NET_ADDRESS_TEXT_BYTES], const struct mix_endpoint *at);

#endif
