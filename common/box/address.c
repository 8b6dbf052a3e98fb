#include "box/address.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char stream_scheme[] = "box://";
static const char packets_scheme[] = "box+udp://";
static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789.-_";

void box_key_print(char text[static BOX_ADDRESS_KEY_TEXT_BYTES],
                   const uint8_t key[static BOX_KEY_BYTES])
{
    sodium_bin2base64(text, BOX_ADDRESS_KEY_TEXT_BYTES, key, BOX_KEY_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int box_secret_parse(uint8_t secret[static BOX_KEY_BYTES], const char *text, size_t bytes)
{
    size_t decoded = 0;
    _Static_assert(BOX_SECRET_TEXT_BYTES + 1 ==
                       sodium_base64_ENCODED_LEN(BOX_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL),
                   "the text and its zero");
    if (bytes != BOX_SECRET_TEXT_BYTES ||
        sodium_base642bin(secret, BOX_KEY_BYTES, text, bytes, NULL, &decoded, NULL,
                          sodium_base64_VARIANT_ORIGINAL) ||
        decoded != BOX_KEY_BYTES || sodium_is_zero(secret, BOX_KEY_BYTES))
        return -EBADMSG;
    return 0;
}

int box_key_parse(uint8_t key[static BOX_KEY_BYTES], const char *text)
{
    uint8_t read[BOX_KEY_BYTES];
    size_t bytes = 0;
    if (strlen(text) != BOX_ADDRESS_KEY_TEXT_BYTES - 1 ||
        sodium_base642bin(read, sizeof read, text, BOX_ADDRESS_KEY_TEXT_BYTES - 1, NULL, &bytes,
                          NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        bytes != sizeof read)
        return -EBADMSG;
    memcpy(key, read, sizeof read);
    return 0;
}

static bool is_ipv6(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET6, host, &address) == 1;
}

/* The host of `text`, up to the colon of a port or the end; brackets around IPv6.
 * Returns: what is behind it, or NULL (no host, or malformed). */
static const char *take_host(char host[static BOX_ADDRESS_HOST_BYTES], const char *text)
{
    bool bracketed = *text == '[';
    const char *start = bracketed ? text + 1 : text;
    size_t bytes = bracketed ? strcspn(start, "]") : strspn(start, name_characters);
    if (bytes == 0 || bytes >= BOX_ADDRESS_HOST_BYTES || (bracketed && start[bytes] != ']'))
        return NULL;
    memcpy(host, start, bytes);
    host[bytes] = '\0';
    if (bracketed && !is_ipv6(host))
        return NULL;
    return start + bytes + (bracketed ? 1 : 0);
}

/* ":PORT" or nothing, up to the end. */
static int take_port(uint16_t *port, const char *text)
{
    uint32_t value = 0;
    *port = BOX_ADDRESS_PORT;
    if (*text == '\0')
        return 0;
    if (*text != ':' || text[1] < '1' || strlen(text + 1) > 5)
        return -EBADMSG;
    for (const char *digit = text + 1; *digit; digit++) {
        if (*digit < '0' || *digit > '9')
            return -EBADMSG;
        value = 10 * value + (uint32_t)(*digit - '0');
    }
    if (value > UINT16_MAX)
        return -EBADMSG;
    *port = (uint16_t)value;
    return 0;
}

int box_address_parse(struct box_address *address, const char *text)
{
    struct box_address read = {0};
    char before_key[BOX_ADDRESS_HOST_BYTES + 16];
    if (strncasecmp(text, stream_scheme, strlen(stream_scheme)) == 0)
        text += strlen(stream_scheme);
    else if (strncasecmp(text, packets_scheme, strlen(packets_scheme)) == 0) {
        read.packets = true;
        text += strlen(packets_scheme);
    } else {
        return -ENOTSUP;
    }
    const char *hash = strchr(text, '#');
    if (!hash)
        return -ENOENT;
    size_t bytes = (size_t)(hash - text);
    if (bytes >= sizeof before_key)
        return -EDESTADDRREQ;
    memcpy(before_key, text, bytes);
    before_key[bytes] = '\0';
    const char *port = take_host(read.host, before_key);
    if (!port || take_port(&read.port, port))
        return -EDESTADDRREQ;
    if (box_key_parse(read.key, hash + 1))
        return -EBADMSG;
    *address = read;
    return 0;
}

void box_address_print(char text[static BOX_ADDRESS_TEXT_BYTES], const struct box_address *address)
{
    char key[BOX_ADDRESS_KEY_TEXT_BYTES];
    bool bracketed = strchr(address->host, ':') != NULL;
    box_key_print(key, address->key);
    int bytes = snprintf(text, BOX_ADDRESS_TEXT_BYTES, "%s%s%s%s:%u#%s",
                         address->packets ? packets_scheme : stream_scheme, bracketed ? "[" : "",
                         address->host, bracketed ? "]" : "", (unsigned)address->port, key);
    INVARIANT(bytes > 0 && bytes < BOX_ADDRESS_TEXT_BYTES);
}
