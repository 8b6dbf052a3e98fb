#include "http/failure.h"

#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT(failure, ...) snprintf((failure)->text, sizeof(failure)->text, __VA_ARGS__)

enum { REASON_BYTES = 128, PROXY_BYTES = 120 };

void failure_plain(char *plain, size_t bytes, const char *text)
{
    size_t at = 0;
    for (; at + 1 < bytes && text[at]; at++)
        plain[at] = text[at] >= ' ' && text[at] <= '~' ? text[at] : '?';
    plain[at] = '\0';
}

bool failure_is_hang_up(CURLcode result)
{
    return result == CURLE_GOT_NOTHING || result == CURLE_RECV_ERROR ||
           result == CURLE_SEND_ERROR || result == CURLE_PARTIAL_FILE;
}

/* libcurl says that memory is out as well where one line of a header is over its own limit. */
static bool is_header_too_long(CURL *easy, CURLcode result)
{
    curl_off_t first_byte_us = 0;
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    return result == CURLE_OUT_OF_MEMORY && first_byte_us > 0;
}

static int error_of(CURL *easy, CURLcode result)
{
    switch (result) {
    case CURLE_OUT_OF_MEMORY:
        return is_header_too_long(easy, result) ? -EPROTO : -ENOMEM;
    case CURLE_WRITE_ERROR: /* one of our callbacks took no more */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
        return -EPROTO;
    default:
        return -EHOSTUNREACH;
    }
}

/* Certificates */

static const char *advice_on_certificate(CURL *easy)
{
    long verdict = X509_V_OK;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "It has expired: its operator must renew it, unless the clock here is wrong.";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "It is not valid yet: is the clock here right?";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "No authority known here has signed it; if it is your own, give --cacert.";
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED: /* libcurl compares the names before it notes a verdict */
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "It is for another name than the one in --server.";
    default:
        return "Ask the server's operator.";
    }
}

/* Connections */

/* Why nobody takes a connection, by the system's number; 0: not told. */
struct obstacle {
    int number;
    const char *why, *advice;
};

static const struct obstacle obstacles[] = {
    {ECONNREFUSED, "nobody listens there", "Is the server running, and is its port the right one?"},
    {ENETUNREACH, "there is no route to it", NULL},
    {EHOSTUNREACH, "there is no route to it", NULL},
    {ETIMEDOUT, "no answer in time", NULL},
    {EACCES, "this machine does not allow it", "Is there a firewall?"},
    {EPERM, "this machine does not allow it", "Is there a firewall?"},
    {0, "no connection can be made", NULL},
};

static const struct obstacle socket_obstacles[] = {
    {ENOENT, "there is no such socket", "Is the server running, and is the path the right one?"},
    {ENOTDIR, "there is no such socket", "Is the server running, and is the path the right one?"},
    {ENOTSOCK, "what is there is no socket", "Is the path the right one?"},
    {EACCES, "this user may not use that socket",
     "The modes of the socket and of the folders above it say who may."},
    {EPERM, "this user may not use that socket",
     "The modes of the socket and of the folders above it say who may."},
    {ELOOP, "its path is a circle of links", "Is the path the right one?"},
    {ECONNREFUSED, "the socket is there, but nobody listens at it",
     "Is the server running? One that ended may have left its socket behind."},
    {EAGAIN, "the server takes no more connections now", "Is it busy, or does it hang?"},
    {0, "no connection to the socket can be made", "Is the path the right one?"},
};

/* The row of a number, or the last one. */
static const struct obstacle *find_obstacle(const struct obstacle *rows, long number)
{
    while (rows->number != 0 && rows->number != number)
        rows++;
    return rows;
}

/* The system also says ECONNREFUSED of what is no socket, and libcurl not always the number. */
static int socket_number(const char *path, long number)
{
    struct stat about;
    if (stat(path, &about))
        return errno;
    if (!S_ISSOCK(about.st_mode))
        return ENOTSOCK;
    return access(path, W_OK) ? errno : (int)number;
}

/* Append the system's reason to what is there already. */
static void add_reason(struct failure *failure, const char *why, int number)
{
    size_t bytes = strlen(failure->text);
    snprintf(failure->text + bytes, sizeof failure->text - bytes, "%s%s%s", why,
             number > 0 ? ": " : "", number > 0 ? strerror(number) : "");
}

static void explain_connect(struct failure *failure, CURL *easy, const struct failure_path *path)
{
    long number = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    if (path->socket[0])
        number = socket_number(path->socket, number);
    const struct obstacle *obstacle =
        find_obstacle(path->socket[0] ? socket_obstacles : obstacles, number);
    failure->advice =
        obstacle->advice ? obstacle->advice : "Is this machine online, and is the address right?";
    add_reason(failure, obstacle->why, (int)number);
}

static void explain_tls(struct failure *failure, const char *reason)
{
    bool plain = strstr(reason, "wrong version number") != NULL;
    bool old = strstr(reason, "unsupported protocol") || strstr(reason, "protocol version");
    failure->certain = plain || old;
    failure->advice = old ? "TLS 1.2 or newer is needed; ask the server's operator."
                          : "Does that port speak https?";
    TEXT(failure, "%s: %s", plain ? "what answers there speaks no TLS" : "TLS cannot be set up",
         reason);
}

/* Proxies */

/* Begin what is said with who is meant; `rest` follows it. */
static void name_proxy(struct failure *failure, const char *proxy, const char *rest)
{
    char plain[PROXY_BYTES];
    failure_plain(plain, sizeof plain, proxy);
    TEXT(failure, "the proxy %s %s", plain, rest);
}

/* There is no connection to the proxy itself, so that nothing is known of the server. */
static void explain_no_proxy(struct failure *failure, CURL *easy, const struct failure_path *path)
{
    long number = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    name_proxy(failure, path->proxy, "cannot be reached: ");
    failure->advice = "Is the proxy running, and are name and port in --proxy the right ones?";
    add_reason(failure, find_obstacle(obstacles, number)->why, (int)number);
}

/* Whether the proxy or what is beyond it keeps us waiting cannot be seen from here. */
static void explain_silent_proxy(struct failure *failure, const struct failure_path *path)
{
    name_proxy(failure, path->proxy, "does not connect us in time");
    failure->advice = "Is the proxy running and online, and is the server running?";
}

static void explain_unknown_proxy(struct failure *failure, const struct failure_path *path)
{
    name_proxy(failure, path->proxy, "has no such name, or no name service knows it");
    failure->advice = "Is the name in --proxy spelt right, and is this machine online?";
}

static void explain_proxy_hung_up(struct failure *failure, const struct failure_path *path)
{
    name_proxy(failure, path->proxy, "closed the connection instead of connecting us");
    failure->advice =
        "Is it a proxy of the kind that --proxy says, and does it allow this address?";
}

/* What a SOCKS proxy says (RFC 1928, section 6), by its name there. */
static const char *socks_text(CURLproxycode code)
{
    switch (code) {
    case CURLPX_REPLY_GENERAL_SERVER_FAILURE:
        return "general SOCKS server failure";
    case CURLPX_REPLY_NOT_ALLOWED:
        return "connection not allowed by its rules";
    case CURLPX_REPLY_NETWORK_UNREACHABLE:
        return "network unreachable";
    case CURLPX_REPLY_HOST_UNREACHABLE:
        return "host unreachable";
    case CURLPX_REPLY_CONNECTION_REFUSED:
        return "connection refused";
    case CURLPX_REPLY_TTL_EXPIRED:
        return "TTL expired";
    case CURLPX_REPLY_COMMAND_NOT_SUPPORTED:
        return "command not supported";
    case CURLPX_REPLY_ADDRESS_TYPE_NOT_SUPPORTED:
        return "address type not supported";
    case CURLPX_REPLY_UNASSIGNED:
        return "a code of its own";
    case CURLPX_NO_AUTH:
    case CURLPX_USER_REJECTED:
    case CURLPX_RECV_AUTH:
        return "it does not take the random name and password that we bring";
    case CURLPX_BAD_VERSION:
        return "it is no SOCKS 5 proxy";
    default:
        return NULL;
    }
}

static const char *socks_advice(CURLproxycode code)
{
    switch (code) {
    case CURLPX_BAD_VERSION:
        return "Is it a proxy of HTTP? Then give it as http://HOST:PORT.";
    case CURLPX_NO_AUTH:
    case CURLPX_USER_REJECTED:
    case CURLPX_RECV_AUTH:
        return "A proxy with a password cannot be used.";
    case CURLPX_REPLY_NOT_ALLOWED:
        return "Ask whoever runs the proxy, or try another one.";
    case CURLPX_REPLY_CONNECTION_REFUSED:
    case CURLPX_REPLY_HOST_UNREACHABLE:
    case CURLPX_REPLY_TTL_EXPIRED:
    case CURLPX_REPLY_UNASSIGNED:
        return "The proxy is there; is the server running, and is its name right?";
    default:
        return "The proxy is there; is it online, and does it allow this address?";
    }
}

static void explain_socks(struct failure *failure, CURL *easy, const char *reason)
{
    long code = CURLPX_OK;
    curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &code);
    const char *said = socks_text((CURLproxycode)code);
    failure->advice = socks_advice((CURLproxycode)code);
    failure->certain =
        code == CURLPX_BAD_VERSION || code == CURLPX_NO_AUTH || code == CURLPX_USER_REJECTED;
    if (!said)
        TEXT(failure, "the proxy does not let us through: %s", reason);
    else if (code == CURLPX_REPLY_UNASSIGNED)
        TEXT(failure, "the proxy does not get through, and says %s: %s", said, reason);
    else
        TEXT(failure, "the proxy does not let us through: %s", said);
}

/* What a proxy of HTTP answered to CONNECT. */
static void explain_tunnel(struct failure *failure, long status)
{
    const char *why = "it refuses CONNECT";
    failure->advice = "Is it a proxy that lets others connect (CONNECT)?";
    if (status == 401 || status == 407) {
        why = "it asks for a user name and password";
        failure->advice = "A proxy with a password cannot be used; use another one.";
        failure->certain = true;
    } else if (status == 403 || status == 451) {
        why = "it does not allow connections there";
        failure->advice = "Ask whoever runs the proxy, or try another one.";
    } else if (status == 429) {
        why = "too many requests came to it";
        failure->advice = "Try again later.";
    } else if (status == 404 || (status >= 500 && status <= 599 && status != 501)) {
        why = "it is there, but does not reach the server";
        failure->advice = "Is the server running, and are name and port the right ones?";
    } else if (status >= 300 && status <= 399) {
        why = "it redirects us, and redirects are not followed";
        failure->advice = "Does this network ask for a login first (a captive portal)?";
        failure->certain = true;
    }
    TEXT(failure, "the proxy does not let us through: %s (status %ld)", why, status);
}

/* The rest */

static void write_text(struct failure *failure, const char *text, const char *advice, bool certain)
{
    TEXT(failure, "%s", text);
    failure->advice = advice;
    failure->certain = certain;
}

/* What fails between here and the far side of a proxy. Returns: whether it does. */
static bool explain_path_to_proxy(struct failure *failure, CURL *easy, CURLcode result,
                                  const struct failure_path *path)
{
    if (!path->proxy)
        return false;
    if (result == CURLE_COULDNT_CONNECT)
        explain_no_proxy(failure, easy, path);
    else if (result == CURLE_COULDNT_RESOLVE_HOST || result == CURLE_COULDNT_RESOLVE_PROXY)
        explain_unknown_proxy(failure, path); /* it looks up all other names */
    else if (result == CURLE_OPERATION_TIMEDOUT && !path->sent)
        explain_silent_proxy(failure, path);
    else if (failure_is_hang_up(result) && !path->sent)
        explain_proxy_hung_up(failure, path);
    else
        return false;
    return true;
}

static void explain(struct failure *failure, CURL *easy, CURLcode result, const char *reason,
                    const struct failure_path *path)
{
    if (explain_path_to_proxy(failure, easy, result, path))
        return;
    if (path->altered) {
        write_text(failure, "what came was altered on the way: a frame does not open",
                   "Somebody in between may be changing what is sent; try from another network.",
                   false);
        return;
    }
    if (is_header_too_long(easy, result)) {
        write_text(failure, "a header of the answer is too long", NULL, true);
        return;
    }
    switch (result) {
    case CURLE_WRITE_ERROR:
        write_text(failure, "the answer is too long", NULL, true);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        write_text(failure, "there is no such name, or no name service knows it",
                   "Is the name spelt right, and is this machine online?", false);
        break;
    case CURLE_COULDNT_CONNECT:
        explain_connect(failure, easy, path);
        break;
    case CURLE_PROXY:
        explain_socks(failure, easy, reason);
        break;
    case CURLE_SSL_CONNECT_ERROR:
        explain_tls(failure, reason);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        write_text(failure, "its certificate cannot be trusted", advice_on_certificate(easy), true);
        break;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        write_text(failure, "its public key is not the pinned one",
                   "Somebody may be in between; ask the operator for the right --pin.", true);
        break;
    case CURLE_SSL_CACERT_BADFILE:
        write_text(failure, "the file of --cacert holds no certificate", NULL, true);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        write_text(failure, "no answer in time",
                   "Something on the way may swallow what is sent; try from another network.",
                   false);
        break;
    case CURLE_GOT_NOTHING:
        write_text(failure, "the connection was closed without an answer",
                   path->boxed
                       ? "A server that admits listed clients alone hangs up on others; is the key "
                         "of --box-client-key on its list? Or is it starting or stopping?"
                       : "The server, or something in between, hangs up; is it starting or "
                         "stopping, or is that the port of its box:// address?",
                   false);
        break;
    case CURLE_PARTIAL_FILE:
        write_text(failure, "the connection was closed in the middle of an answer",
                   "Something in between may cut answers short.", false);
        break;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        TEXT(failure, "the connection broke: %s", reason);
        failure->advice =
            "The server, or something in between, breaks it off; is it starting or stopping?";
        break;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        TEXT(failure, "what answers does not speak HTTP/1: %s", reason);
        failure->advice =
            "Something other than a web server listens there; is the port the right one?";
        failure->certain = true;
        break;
    default:
        TEXT(failure, "%s", reason);
        break;
    }
}

void failure_of(struct failure *failure, CURL *easy, CURLcode result, const char *detail,
                const struct failure_path *path)
{
    char reason[REASON_BYTES];
    long tunnel = 0;
    *failure = (struct failure){.err = error_of(easy, result)};
    failure_plain(reason, sizeof reason, detail[0] ? detail : curl_easy_strerror(result));
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (tunnel != 0 && tunnel / 100 != 2)
        explain_tunnel(failure, tunnel);
    else
        explain(failure, easy, result, reason, path);
}
