#include "daemon/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const struct client_address *address)
{
    return memcmp(address->bytes, v4_prefix, sizeof v4_prefix) == 0;
}

static struct client_address from_v4(const void *bytes)
{
    struct client_address address;
    memcpy(address.bytes, v4_prefix, sizeof v4_prefix);
    memcpy(address.bytes + sizeof v4_prefix, bytes, 4);
    return address;
}

int client_address_parse(const char *text, size_t length, struct client_address *address)
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;
    if (length == 0 || length >= sizeof copy || memchr(text, '\0', length))
        return -EBADMSG;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, &v4) == 1) {
        *address = from_v4(&v4);
        return 0;
    }
    struct client_address v6;
    if (inet_pton(AF_INET6, copy, v6.bytes) != 1)
        return -EBADMSG;
    *address = v6;
    return 0;
}

/* Networks */

static bool is_in(const struct network *network, const struct client_address *address)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xff00 >> rest);
    return rest == 0 || ((network->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

bool proxies_have(const struct proxies *proxies, const struct client_address *address)
{
    for (size_t i = 0; i < proxies->count; i++)
        if (is_in(&proxies->networks[i], address))
            return true;
    return false;
}

int proxies_add(struct proxies *proxies, const char *text)
{
    struct network network = {.bits = 128};
    size_t length = strcspn(text, "/");
    if (client_address_parse(text, length, &network.address))
        return -EINVAL;
    if (text[length] == '/') {
        const char *bits = text + length + 1;
        size_t digits = strspn(bits, "0123456789");
        unsigned offset = memchr(text, ':', length) ? 0 : 96, most = 128 - offset;
        if (digits == 0 || digits > 3 || bits[digits] != '\0' || strtoul(bits, NULL, 10) > most)
            return -EINVAL;
        network.bits = offset + (unsigned)strtoul(bits, NULL, 10);
    }
    if (proxies->count == PROXIES_MAX)
        return -ENOSPC;
    proxies->networks[proxies->count++] = network;
    return 0;
}

/* Peers */

bool client_address_is_loopback(const struct client_address *address)
{
    static const struct client_address v6 = {{[15] = 1}};
    return is_v4(address) ? address->bytes[12] == 127
                          : memcmp(address->bytes, v6.bytes, sizeof v6.bytes) == 0;
}

struct peer_address peer_address_of(const struct proxies *proxies, const struct sockaddr *address)
{
    struct peer_address peer = {.kind = PEER_CLIENT};
    if (address->sa_family == AF_INET) {
        peer.address = from_v4(&((const struct sockaddr_in *)(const void *)address)->sin_addr);
    } else if (address->sa_family == AF_INET6) {
        memcpy(peer.address.bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
               sizeof peer.address.bytes);
    } else {
        peer.kind = PEER_SOCKET;
        return peer;
    }
    if (proxies_have(proxies, &peer.address))
        peer.kind = PEER_PROXY;
    else if (client_address_is_loopback(&peer.address))
        peer.kind = PEER_LOCAL;
    return peer;
}

/* Clients */

bool client_address_widen(struct client_address *address)
{
    if (is_v4(address))
        return false;
    memset(address->bytes + 6, 0, sizeof address->bytes - 6);
    return true;
}

uint64_t client_address_hash(const struct client_address *client, bool widened,
                             const uint8_t key[static CLIENT_HASH_KEY_BYTES])
{
    _Static_assert(CLIENT_HASH_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash key");
    uint8_t input[sizeof client->bytes + 1];
    uint64_t hash;
    memcpy(input, client->bytes, sizeof client->bytes);
    input[sizeof client->bytes] = widened;
    crypto_shorthash((uint8_t *)&hash, input, sizeof input, key);
    return hash ? hash : 1;
}

struct client_address client_address_counted(const struct client_address *address)
{
    struct client_address counted = *address;
    if (!is_v4(address))
        memset(counted.bytes + 8, 0, 8);
    return counted;
}
