#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/embedded.h"
#include "api/routes.h"

enum { HOST_BYTES_MAX = 128 };

/* The length of a name, an IPv4 address or an IPv6 address in brackets; 0: there is none. */
static size_t host_length(const char *text)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    if (text[0] != '[')
        return text[0] == '-' || text[0] == '.' ? 0 : strspn(text, names);
    size_t length = strspn(text + 1, "0123456789abcdefABCDEF:.");
    return length > 0 && text[1 + length] == ']' ? length + 2 : 0;
}

/* Whether that is a host as a URL has it, perhaps with a port. Whoever opens the page sends it, and
 * it goes into the page: hence nothing that means anything to HTML or to a shell. */
static bool is_host(const char *text)
{
    if (!text || strlen(text) > HOST_BYTES_MAX)
        return false;
    size_t length = host_length(text);
    if (length == 0 || text[length] == '\0')
        return length > 0;
    size_t digits = strspn(text + length + 1, "0123456789");
    return text[length] == ':' && digits > 0 && digits <= 5 && text[length + 1 + digits] == '\0';
}

/* Values */

/* In the largest unit that leaves no remainder. */
static void print_span(uint64_t seconds, FILE *to)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t i = seconds < 2 * units[0].seconds ? 1 : 0; /* people say "24 hours" */
    while (units[i].seconds > 1 && (seconds == 0 || seconds % units[i].seconds != 0))
        i++;
    uint64_t count = seconds / units[i].seconds;
    fprintf(to, "%" PRIu64 " %s%s", count, units[i].name, count == 1 ? "" : "s");
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcasecmp(text + length - end_length, end) == 0;
}

/* Nobody tells the scheme but a proxy that cares to. A name without a port is most likely behind
 * one; this machine and hidden services have no need of it, and what has a port is most likely this
 * server itself. */
static const char *scheme_of(const struct request *request)
{
    const char *host = request->host, *proto = request->forwarded_proto;
    if (proto && strcasecmp(proto, "https") == 0)
        return "https";
    bool is_local = strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
                    strcmp(host, "[::1]") == 0 || ends_with(host, ".onion");
    return is_local || host[host_length(host)] == ':' ? "http" : "https";
}

static void print_url(const struct request *request, FILE *to)
{
    if (is_host(request->host))
        fprintf(to, "%s://%s", scheme_of(request), request->host);
    else
        fputs("URL", to);
}

static void print_url_hint(const struct request *request, FILE *to)
{
    if (!is_host(request->host))
        fputs("URL is the address that your browser shows for this page.", to);
    else
        fputs("If your browser shows another address for this page, use that one.", to);
}

static void print_value(const struct request *request, const char *name, size_t length, FILE *to)
{
    const struct v1_server *server = &request->api->server;
#define IS(text) (length == sizeof text - 1 && memcmp(name, text, length) == 0)
    if (IS("url"))
        print_url(request, to);
    else if (IS("url_hint"))
        print_url_hint(request, to);
    else if (IS("version"))
        fputs(server->version, to);
    else if (IS("bucket_capacity"))
        fprintf(to, "%" PRIu32, server->bucket_capacity);
    else if (IS("records_per_post"))
        fprintf(to, "%" PRIu32, server->records_per_post_max);
    else if (IS("open_window"))
        print_span(server->open_window_s, to);
    else if (IS("lifetime"))
        print_span(server->lifetime_s, to);
    else if (IS("wait"))
        print_span(server->wait_s_max, to);
    else
        INVARIANT(false && "a name that the page should not have");
#undef IS
}

static void print_page(const struct request *request, FILE *to)
{
    const char *text = page_html, *hole;
    while ((hole = strstr(text, "{{"))) {
        const char *end = strstr(hole, "}}");
        INVARIANT(end);
        fwrite(text, 1, (size_t)(hole - text), to);
        print_value(request, hole + 2, (size_t)(end - hole) - 2, to);
        text = end + 2;
    }
    fputs(text, to);
}

enum next page_get(struct request *request)
{
    char *text = NULL;
    size_t bytes;
    if (request->api->has_page)
        return client_part_get(request);
    FILE *to = open_memstream(&text, &bytes);
    if (to)
        print_page(request, to);
    if (!to || fclose(to) || !text) {
        free(text);
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
        return NEXT_REPLY;
    }
    reply_text(&request->reply, "text/html; charset=utf-8", (struct blob){(uint8_t *)text, bytes});
    reply_header(&request->reply, "Content-Security-Policy", "%s", page_policy);
    reply_header(&request->reply, "X-Content-Type-Options", "nosniff");
    reply_header(&request->reply, "Referrer-Policy", "no-referrer");
    return NEXT_REPLY;
}
