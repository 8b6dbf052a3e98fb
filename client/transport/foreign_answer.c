#include "transport/foreign_answer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/failure.h"
#include "transport/v1_answers.h"

enum { WHERE_BYTES = 120 };

static bool is_packed(struct http *http)
{
    const char *encoding = http_header(http, "Content-Encoding");
    return encoding && encoding[0] && strcasecmp(encoding, "identity") != 0;
}

/* By its first characters: the reference's server calls its records text/html. */
static bool is_page(const struct http_answer *answer)
{
    static const char *const beginnings[] = {"<html",  "<!doctype", "<head", "<body", "<meta",
                                             "<title", "<script",   "<!--",  "<?xml"};
    const char *text = (const char *)answer->body;
    size_t at = 0;
    while (at < answer->bytes && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t bytes = strlen(beginnings[i]);
        if (answer->bytes - at >= bytes && strncasecmp(text + at, beginnings[i], bytes) == 0)
            return true;
    }
    return false;
}

static enum foreign_answer of_status(long status)
{
    switch (status) {
    case 401:
    case 407:
        return FOREIGN_PASSWORD;
    case 511:
        return FOREIGN_LOGIN;
    case 403:
    case 451:
        return FOREIGN_FORBIDS;
    case 429:
        return FOREIGN_BUSY;
    case 408:
    case 460: /* Amazon's load balancer: the client has gone */
    case 499: /* nginx: the same */
    case 504:
    case 522: /* Cloudflare, as those to 530 */
    case 524:
    case 598:
    case 599:
        return FOREIGN_LATE;
    case 502:
    case 503:
    case 520:
    case 521:
    case 523:
    case 525:
    case 526:
    case 527:
    case 530:
        return FOREIGN_GATEWAY;
    default:
        return status >= 300 && status <= 399 && status != 304 ? FOREIGN_REDIRECT : FOREIGN_OTHER;
    }
}

enum foreign_answer foreign_answer_of(struct http *http, const struct http_answer *answer)
{
    if (is_packed(http))
        return FOREIGN_PACKED;
    if (answer->status == 200 || answer->status == 201)
        return is_page(answer) ? FOREIGN_PAGE : FOREIGN_NONE;
    return v1_is_problem(answer) ? FOREIGN_NONE : of_status(answer->status);
}

bool foreign_answer_may_go(enum foreign_answer foreign)
{
    return foreign == FOREIGN_FORBIDS || foreign == FOREIGN_GATEWAY || foreign == FOREIGN_LATE ||
           foreign == FOREIGN_BUSY;
}

/* Where a Location leads: its scheme, host and port, or "another path there". */
static void place_of(char where[static WHERE_BYTES], const char *location)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    CURLU *url = curl_url();
    bool whole =
        url && location &&
        curl_url_set(url, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    char text[WHERE_BYTES];
    if (whole && curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK)
        snprintf(text, sizeof text, "%s://%s:%s", scheme, host, port);
    else if (whole)
        snprintf(text, sizeof text, "%s://%s", scheme, host);
    else
        snprintf(text, sizeof text, "%s", location ? "another path there" : "nowhere");
    failure_plain(where, WHERE_BYTES, text);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
}

static const char *explain_redirect(struct http *http, long status)
{
    char where[WHERE_BYTES];
    place_of(where, http_header(http, "Location"));
    return http_explain(
        http,
        "If that is where the server is, give it as --server; else this network may ask for "
        "a login first (a captive portal).",
        true, "what answers there redirects us to %s, and redirects are not followed (status %ld)",
        where, status);
}

static const char *explain_packed(struct http *http)
{
    char encoding[32];
    failure_plain(encoding, sizeof encoding, http_header(http, "Content-Encoding"));
    return http_explain(
        http, "Whoever runs the proxy in between must leave answers as they are.", true,
        "the answer was compressed on the way, though that was declined (Content-Encoding: %s)",
        encoding);
}

const char *foreign_answer_explain(struct http *http, const struct http_answer *answer,
                                   enum foreign_answer foreign)
{
    long status = answer->status;
    switch (foreign) {
    case FOREIGN_NONE:
        return NULL;
    case FOREIGN_PACKED:
        return explain_packed(http);
    case FOREIGN_REDIRECT:
        return explain_redirect(http, status);
    case FOREIGN_PAGE:
        return http_explain(
            http,
            "Is --server right, with its path? Or does this network ask for a login first (a "
            "captive portal)? Then open a page in a browser.",
            true, "a web page answers there, not a REUNION server (status %ld)", status);
    case FOREIGN_PASSWORD:
        return http_explain(http,
                            "Only its operator can let us through: this program takes no password.",
                            true, "%s there asks for a user name and password (status %ld)",
                            status == 407 ? "a proxy" : "what answers", status);
    case FOREIGN_LOGIN:
        return http_explain(http, "Open a page in a browser and log in.", true,
                            "this network asks for a login first (status %ld)", status);
    case FOREIGN_FORBIDS:
        return http_explain(http,
                            "A firewall or a proxy in between does not let us through; ask whoever "
                            "runs it, or try from another network.",
                            false, "something in between forbids the request (status %ld)", status);
    case FOREIGN_GATEWAY:
        return http_explain(http, "Is the server running, and does the proxy know where?", false,
                            "the proxy is there, the server behind it is not (status %ld)", status);
    case FOREIGN_LATE:
        return http_explain(
            http, "Is the server running? If so, the proxy should let requests wait a minute.",
            false, "the proxy is there, the server behind it does not answer in time (status %ld)",
            status);
    case FOREIGN_BUSY:
        return http_explain(http, "Try again later.", false,
                            "something in between says that too many requests came (status %ld)",
                            status);
    case FOREIGN_OTHER:
        break;
    }
    return http_explain(http, "Is --server right, with its path?", status < 500,
                        "somebody else answers there, with status %ld", status);
}

enum wait_cut foreign_answer_cut(struct http *http, int err, const struct http_answer *answer)
{
    if (err == -EHOSTUNREACH)
        return http_hung_up(http) ? WAIT_CUT_MAYBE : WAIT_CUT_NOT;
    if (err != -EAGAIN)
        return WAIT_CUT_NOT;
    enum foreign_answer foreign = foreign_answer_of(http, answer);
    return foreign == FOREIGN_LATE      ? WAIT_CUT_SAID
           : foreign == FOREIGN_GATEWAY ? WAIT_CUT_MAYBE
                                        : WAIT_CUT_NOT;
}
