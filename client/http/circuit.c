#include "http/circuit.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/secret.h"

enum {
    CONNECT_MS_MAX = 20 * 1000,
    PROXIED_CONNECT_MS_MAX = 120 * 1000, /* a circuit to an onion service takes its time */
    TOKEN_BYTES = 16,
};

static const char socks_prefix[] = "socks5h://";

/* What holds whatever the way. */
static CURLcode set_manners(CURL *easy)
{
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") |
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) |
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) |
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) |
           curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) |
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "reunion") |
           curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L) |
           curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
}

static CURLcode set_tls(CURL *easy, const struct http_settings *settings)
{
    CURLcode failed = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) |
                      curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) |
                      curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (settings->ca_file)
        failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file) |
                  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (settings->pin)
        failed |= curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, settings->pin);
    return failed;
}

/* Two random words: whoever comes with others is somebody else to a SOCKS proxy. */
static CURLcode set_tokens(CURL *easy, const struct random_source *random)
{
    uint8_t token[2][TOKEN_BYTES];
    char text[2][2 * TOKEN_BYTES + 1];
    random_fill(random, token[0], sizeof token);
    for (size_t i = 0; i < 2; i++)
        hex_encode(text[i], token[i], TOKEN_BYTES);
    CURLcode failed = curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, text[0]) |
                      curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, text[1]) |
                      curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, CURLAUTH_BASIC);
    secret_wipe(token, sizeof token);
    secret_wipe(text, sizeof text);
    return failed;
}

/* An empty proxy and an empty list of exceptions: the environment has no say. A proxy of HTTP
 * learns where to, and not from which program. */
static CURLcode set_connection(CURL *easy, const struct http_settings *settings,
                               const struct server_address *address)
{
    static char no_agent[] = "User-Agent:"; /* libcurl leaves it out then */
    static struct curl_slist to_proxy = {.data = no_agent};
    const char *proxy = settings->proxy ? settings->proxy : "";
    long connect_ms = settings->proxy ? PROXIED_CONNECT_MS_MAX : CONNECT_MS_MAX;
    CURLcode failed = curl_easy_setopt(easy, CURLOPT_PROXY, proxy) |
                      curl_easy_setopt(easy, CURLOPT_NOPROXY, "") |
                      curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L) |
                      curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) |
                      curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) |
                      curl_easy_setopt(easy, CURLOPT_PROXYHEADER, &to_proxy) |
                      curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    if (address->socket[0])
        failed |= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, address->socket);
    if (strncasecmp(proxy, socks_prefix, sizeof socks_prefix - 1) == 0)
        failed |= set_tokens(easy, settings->random);
    return failed;
}

/* Through a box it is not `easy` that connects, but a handle of its own. */
static int open_box(struct circuit *circuit, const struct http_settings *settings,
                    const struct server_address *address)
{
    const struct http_settings direct = {.random = settings->random};
    CURL *dial = curl_easy_init();
    int err = dial ? 0 : -ENOMEM;
    if (!err && (set_manners(dial) | set_connection(dial, settings, address) |
                 set_connection(circuit->easy, &direct, address)) != CURLE_OK)
        err = -EIO;
    if (!err)
        err = box_path_open(&circuit->box, circuit->easy, dial, address, settings);
    if (err)
        curl_easy_cleanup(dial);
    return err;
}

static int open_direct(struct circuit *circuit, const struct http_settings *settings,
                       const struct server_address *address)
{
    return set_tls(circuit->easy, settings) | set_connection(circuit->easy, settings, address)
               ? -EIO
               : 0;
}

int circuit_open(struct circuit *circuit, const struct http_settings *settings,
                 const struct server_address *address)
{
    struct circuit opened = {.multi = curl_multi_init(), .easy = curl_easy_init()};
    int err = opened.multi && opened.easy ? 0 : -ENOMEM;
    if (!err && set_manners(opened.easy) != CURLE_OK)
        err = -EIO;
    if (!err)
        err = address->boxed ? open_box(&opened, settings, address)
                             : open_direct(&opened, settings, address);
    if (err)
        circuit_close(&opened);
    else
        *circuit = opened;
    return err;
}

void circuit_close(struct circuit *circuit)
{
    curl_easy_cleanup(circuit->easy);
    if (circuit->multi)
        curl_multi_cleanup(circuit->multi);
    box_path_free(circuit->box);
    *circuit = (struct circuit){0};
}
