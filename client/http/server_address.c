#include "http/server_address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char box_prefix[] = "box://", box_packets_prefix[] = "box+udp://";
static const char unix_prefix[] = "unix:", http_unix_prefix[] = "http+unix://";
static const char socket_base[] = "http://localhost"; /* of a server behind a socket, or in a box */

static char *url_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = url_part(url, part);
    curl_free(text);
    return text != NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t bytes = strlen(text), end_bytes = strlen(end);
    return bytes > end_bytes && strcasecmp(text + bytes - end_bytes, end) == 0;
}

/* Names other than "localhost" are somebody's word; libcurl itself answers that one. */
static bool is_loopback(const char *host)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0 ||
           strcasecmp(host, "localhost") == 0;
}

static int read_url(struct server_address *address, CURLU *url, const char *text)
{
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        return -EINVAL;
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD) ||
        has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT))
        return -EINVAL;
    char *scheme = url_part(url, CURLUPART_SCHEME), *host = url_part(url, CURLUPART_HOST);
    int err = -EINVAL;
    if (scheme && host && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)) {
        address->https = strcmp(scheme, "https") == 0;
        address->onion = ends_with(host, ".onion");
        address->loopback = is_loopback(host);
        err = 0;
    }
    curl_free(scheme);
    curl_free(host);
    return err;
}

/* Keep a URL without the slashes at its end. */
static int keep_base(struct server_address *address, const char *text)
{
    size_t bytes = strlen(text);
    while (bytes > 0 && text[bytes - 1] == '/')
        bytes--;
    if (bytes >= sizeof address->base)
        return -EINVAL;
    memcpy(address->base, text, bytes);
    address->base[bytes] = '\0';
    return 0;
}

static int parse_url(struct server_address *address, const char *text)
{
    CURLU *url = curl_url();
    if (!url)
        return -ENOMEM;
    int err = read_url(address, url, text);
    curl_url_cleanup(url);
    return err ? err : keep_base(address, text);
}

static int keep_socket(struct server_address *address, const char *path)
{
    size_t bytes = strlen(path);
    if (bytes == 0 || bytes >= sizeof address->socket)
        return -EINVAL;
    memcpy(address->socket, path, bytes + 1);
    return 0;
}

/* http+unix://%2Frun%2Freunion.sock/path */
static int parse_http_unix(struct server_address *address, const char *text)
{
    char url[SERVER_ADDRESS_BYTES_MAX];
    const char *authority = text + sizeof http_unix_prefix - 1;
    size_t encoded = strcspn(authority, "/?#");
    if (strlen(authority) >= sizeof url - sizeof socket_base || encoded == 0)
        return -EINVAL;
    int bytes;
    char *path = curl_easy_unescape(NULL, authority, (int)encoded, &bytes);
    if (!path)
        return -ENOMEM;
    int err = strlen(path) == (size_t)bytes ? keep_socket(address, path) : -EINVAL;
    curl_free(path);
    if (err)
        return err;
    snprintf(url, sizeof url, "%s%s", socket_base, authority + encoded);
    return parse_url(address, url);
}

static bool begins_with(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static int parse_box(struct server_address *address, const char *text)
{
    /* Any secret key of order above 8 tells: the product with a key of small order is zeros. */
    static const uint8_t probe[BOX_KEY_BYTES] = {8};
    uint8_t shared[BOX_SHARED_BYTES];
    int err = box_address_parse(&address->box, text);
    if (err)
        return err;
    if (box_agree(shared, probe, address->box.key))
        return -EBADMSG;
    address->boxed = true;
    address->onion = ends_with(address->box.host, ".onion");
    address->loopback = is_loopback(address->box.host);
    return keep_base(address, socket_base);
}

int server_address_parse(struct server_address *address, const char *text)
{
    struct server_address read = {.base = ""};
    int err;
    if (begins_with(text, box_prefix) || begins_with(text, box_packets_prefix)) {
        err = parse_box(&read, text);
    } else if (begins_with(text, unix_prefix)) {
        err = keep_socket(&read, text + sizeof unix_prefix - 1);
        if (!err)
            err = keep_base(&read, socket_base);
    } else if (begins_with(text, http_unix_prefix)) {
        err = parse_http_unix(&read, text);
    } else {
        err = parse_url(&read, text);
    }
    if (err)
        return err;
    read.loopback = read.loopback || read.socket[0];
    *address = read;
    return 0;
}

/* Comparing */

static bool is_same_host(const char *one, const char *other)
{
    bool named = strcasecmp(one, "localhost") == 0 || strcasecmp(other, "localhost") == 0;
    return strcasecmp(one, other) == 0 || (named && is_loopback(one) && is_loopback(other));
}

static bool is_same_part(CURLU *one, CURLU *other, CURLUPart part)
{
    char *first = NULL, *second = NULL;
    bool same = curl_url_get(one, part, &first, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(other, part, &second, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                (part == CURLUPART_HOST ? is_same_host(first, second) : strcmp(first, second) == 0);
    curl_free(first);
    curl_free(second);
    return same;
}

static bool is_same_url(const char *one, const char *other)
{
    CURLU *first = curl_url(), *second = curl_url();
    bool same = first && second && curl_url_set(first, CURLUPART_URL, one, 0) == CURLUE_OK &&
                curl_url_set(second, CURLUPART_URL, other, 0) == CURLUE_OK &&
                is_same_part(first, second, CURLUPART_SCHEME) &&
                is_same_part(first, second, CURLUPART_HOST) &&
                is_same_part(first, second, CURLUPART_PORT) &&
                is_same_part(first, second, CURLUPART_PATH);
    curl_url_cleanup(first);
    curl_url_cleanup(second);
    return same;
}

bool server_address_is_same(const struct server_address *one, const struct server_address *other)
{
    if (one->boxed || other->boxed)
        return one->boxed && other->boxed &&
               memcmp(one->box.key, other->box.key, sizeof one->box.key) == 0;
    return strcmp(one->socket, other->socket) == 0 && is_same_url(one->base, other->base);
}
