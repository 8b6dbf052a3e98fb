#include "http/http_settings.h"

#include <curl/curl.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool begins_with(const char *text, const char *beginning)
{
    return strncasecmp(text, beginning, strlen(beginning)) == 0;
}

static const char *check_ca_file(const struct http_settings *settings)
{
    if (settings->ca_file && access(settings->ca_file, R_OK) != 0)
        return "the file of --cacert cannot be read";
    return NULL;
}

/* "sha256//" and the 32 bytes of a hash in base64, as libcurl takes them; it would take others as
 * the name of a file. */
static const char *check_pin(const struct http_settings *settings)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char mark[] = "sha256//";
    enum { BASE64_DIGITS = 43 };
    const char *at = settings->pin;
    while (at) {
        if (strncmp(at, mark, sizeof mark - 1) != 0)
            return "--pin wants sha256//BASE64, the hash of a public key";
        at += sizeof mark - 1;
        if (strspn(at, digits) != BASE64_DIGITS || at[BASE64_DIGITS] != '=')
            return "--pin wants the 32 bytes of a hash in base64 behind sha256//";
        at += BASE64_DIGITS + 1;
        if (*at != '\0' && *at != ';')
            return "--pin wants a ';' between two hashes";
        at = *at == ';' ? at + 1 : NULL;
    }
    return NULL;
}

static bool part_is_empty(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool empty = curl_url_get(url, part, &text, 0) != CURLUE_OK || strcmp(text, "/") == 0;
    curl_free(text);
    return empty;
}

/* A host and perhaps a port. Credentials would show in the list of processes; SOCKS gets ours. */
static const char *check_proxy(const struct http_settings *settings)
{
    static const char form[] = "--proxy wants socks5h://HOST:PORT or http://HOST:PORT";
    if (!settings->proxy)
        return NULL;
    if (begins_with(settings->proxy, "socks5://") || begins_with(settings->proxy, "socks4"))
        return "that proxy would leave names to be resolved here, where others see them; "
               "--proxy wants socks5h://";
    if (!begins_with(settings->proxy, "socks5h://") && !begins_with(settings->proxy, "http://"))
        return form;
    CURLU *url = curl_url();
    if (!url)
        return form;
    bool good =
        curl_url_set(url, CURLUPART_URL, settings->proxy, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        part_is_empty(url, CURLUPART_USER) && part_is_empty(url, CURLUPART_PASSWORD) &&
        part_is_empty(url, CURLUPART_PATH) && part_is_empty(url, CURLUPART_QUERY) &&
        part_is_empty(url, CURLUPART_FRAGMENT);
    curl_url_cleanup(url);
    return good ? NULL : form;
}

/* Packets go straight to the server. */
static const char *check_packets(const struct http_settings *settings,
                                 const struct server_address *address)
{
    if (!address->box.packets)
        return NULL;
    if (address->onion)
        return "packets (box+udp://) do not go to an onion service; use the server's box:// "
               "address, with --proxy";
    if (settings->proxy)
        return "packets (box+udp://) do not go through a proxy; use the server's box:// address";
    return NULL;
}

/* Who may read along on the way. */
static const char *check_settings_text(const struct http_settings *settings,
                                       const struct server_address *address)
{
    if (address->socket[0])
        return settings->proxy ? "there is no proxy to a socket of this machine: --proxy and unix: "
                                 "do not go together"
                               : NULL;
    if (address->onion && !settings->proxy)
        return "an onion service is reached through Tor alone: --proxy socks5h://127.0.0.1:9050";
    if (address->https || address->onion || address->boxed || settings->insecure_http)
        return NULL;
    if (!address->loopback)
        return "http lets everybody on the way read along and answer in the server's place; use "
               "https, or --insecure-http to have it all the same";
    return settings->proxy ? "http through a proxy can be read on the way; use https, or "
                             "--insecure-http to have it all the same"
                           : NULL;
}

/* What is wrong with an address, by what server_address_parse says. */
static const char *address_problem(const char *server, int err)
{
    static const char spaces[] = " \t\r\n";
    size_t bytes = strlen(server);
    if (bytes > 0 && (strchr(spaces, server[0]) || strchr(spaces, server[bytes - 1])))
        return "there is a blank before or behind the address";
    switch (err) {
    case -ENOENT:
        return "a box address wants the server's key behind #: box://HOST[:PORT]#KEY";
    case -EDESTADDRREQ:
        return "before # there must be HOST or HOST:PORT and nothing else; an address of IPv6 "
               "stands in brackets, and a port is 1 to 65535";
    case -EBADMSG:
        return "behind # there must be the 43 characters of a server's key and nothing else; was "
               "all of it copied?";
    default:
        return "--server wants a URL like https://example.org or http://127.0.0.1:5000, or "
               "box://HOST[:PORT]#KEY, or unix:PATH";
    }
}

/* --pin and --cacert are about the certificates of https. */
static const char *check_use_of_tls(const struct http_settings *settings,
                                    const struct server_address *address)
{
    if (address->https || (!settings->pin && !settings->ca_file))
        return NULL;
    return address->boxed ? "--pin and --cacert say something about https, and this server is "
                            "known by the key in its address"
                          : "--pin and --cacert say something about https, and this server is "
                            "not reached by it";
}

int http_settings_check(const struct http_settings *settings, struct server_address *address,
                        const char **complaint)
{
    struct server_address read;
    const char *why = NULL;
    int err = server_address_parse(&read, settings->server);
    if (err == -ENOMEM)
        return err;
    if (err)
        why = address_problem(settings->server, err);
    if (!why)
        why = check_packets(settings, &read);
    if (!why)
        why = check_settings_text(settings, &read);
    if (!why)
        why = check_proxy(settings);
    if (!why)
        why = check_pin(settings);
    if (!why)
        why = check_ca_file(settings);
    if (!why)
        why = check_use_of_tls(settings, &read);
    if (why) {
        *complaint = why;
        return -EINVAL;
    }
    *address = read;
    return 0;
}
