#include "api/origin.h"

#include <string.h>
#include <strings.h>

bool origin_is_good(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;
    const char *host = text + scheme;
    return scheme > 0 && *host != '\0' &&
           strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == strlen(host);
}

static bool is_listed(const struct api *api, const char *origin)
{
    for (size_t i = 0; i < api->page_origin_count; i++)
        if (strcmp(api->page_origins[i], origin) == 0)
            return true;
    return false;
}

/* A browser leaves the scheme's own port out of both headers. */
static bool is_own(const struct request *request)
{
    const char *authority = strstr(request->origin, "://");
    return authority && request->host && strcasecmp(authority + 3, request->host) == 0;
}

bool request_is_from_browser(const struct request *request)
{
    return request->origin || request->fetch_site;
}

bool request_is_cross_site(const struct request *request)
{
    const char *site = request->fetch_site;
    if (request->method != METHOD_POST || !request_is_from_browser(request))
        return false;
    if (request->origin && is_listed(request->api, request->origin))
        return false;
    if (site && strcasecmp(site, "same-origin") == 0)
        return false;
    if (site && strcasecmp(site, "cross-site") == 0)
        return true;
    return request->origin && !is_own(request);
}
