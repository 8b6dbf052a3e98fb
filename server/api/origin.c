#include "api/origin.h"

#include <string.h>
#include <strings.h>

bool origin_is_good(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;
    const char *host = text + scheme;
    if (strcmp(text, "null") == 0)
        return true;
    return scheme > 0 && *host != '\0' &&
           strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == strlen(host);
}

static bool is_listed(const struct api *api, const char *origin, size_t bytes)
{
    for (size_t i = 0; i < api->page_origin_count; i++)
        if (strlen(api->page_origins[i]) == bytes &&
            strncmp(api->page_origins[i], origin, bytes) == 0)
            return true;
    return false;
}

const char *request_listed_origin(const struct request *request)
{
    if (!request->origin || request->has_sites)
        return NULL;
    for (size_t i = 0; i < request->api->page_origin_count; i++)
        if (strcmp(request->api->page_origins[i], request->origin) == 0)
            return request->api->page_origins[i];
    return NULL;
}

bool request_answer_preflight(struct request *request)
{
    static const struct reply_constant headers[] = {
        {"Access-Control-Allow-Methods", "GET, POST, DELETE"},
        {"Access-Control-Allow-Headers", "Authorization, Content-Type, Reunion-Stamp"},
        /* From a page elsewhere to a server in a local network. */
        {"Access-Control-Allow-Private-Network", "true"},
        {"Access-Control-Max-Age", "600"},
    };
    if (request->method != METHOD_OPTIONS || !request->asks_sharing ||
        !request_listed_origin(request))
        return false;
    reply_empty(&request->reply, 204);
    request->reply.constants = headers;
    request->reply.constant_count = sizeof headers / sizeof headers[0];
    return true;
}

/* A browser leaves the scheme's own port out of both headers. */
static bool is_own(const char *host, const char *origin, size_t bytes)
{
    const char *authority = strstr(origin, "://");
    if (!host || !authority || authority + 3 > origin + bytes)
        return false;
    authority += 3;
    size_t authority_bytes = (size_t)(origin + bytes - authority);
    return strlen(host) == authority_bytes && strncasecmp(authority, host, authority_bytes) == 0;
}

/* The bytes of a URL that are its origin: scheme "://" host, and perhaps a port. */
static size_t origin_bytes(const char *url)
{
    const char *authority = strstr(url, "://");
    return authority ? (size_t)(authority + 3 - url) + strcspn(authority + 3, "/?#") : 0;
}

/* Whether the headers name the page that posts as one that is neither own nor listed; `listed`
 * becomes whether they name a listed one. Origin is more exact than Referer. */
static bool names_foreign_page(const struct request *request, bool *listed)
{
    const char *named[] = {request->referer, request->origin};
    *listed = false;
    for (size_t i = 0; i < 2; i++) {
        if (!named[i])
            continue;
        size_t bytes = i == 1 ? strlen(named[i]) : origin_bytes(named[i]);
        *listed = is_listed(request->api, named[i], bytes);
        if (!*listed && !is_own(request->host, named[i], bytes))
            return true;
    }
    return false;
}

bool request_is_from_browser(const struct request *request)
{
    return request->origin || request->fetch_site || request->referer;
}

bool request_is_cross_site(const struct request *request)
{
    const char *site = request->fetch_site;
    bool listed;
    bool changes = request->method == METHOD_POST || request->method == METHOD_DELETE;
    if (!changes || !request_is_from_browser(request))
        return false;
    if (request->has_sites || names_foreign_page(request, &listed))
        return true;
    return site && strcasecmp(site, "same-origin") != 0 && strcasecmp(site, "none") != 0 && !listed;
}
