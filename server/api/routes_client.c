#include <string.h>

#include "api/page_parts.h"
#include "api/routes.h"

/* What a browser lets the page do: run its own scripts and WebAssembly, ask this server, and
 * nothing else. Its Workers are made of a script that was fetched with its hash. */
static const struct reply_constant headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' "
     "data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    /* Asked for each time, so that the parts of two versions do not come together. */
    {"Cache-Control", "no-cache"},
};

static const struct page_part *find(const char *path)
{
    for (size_t i = 0; i < page_part_count; i++)
        if (strcmp(page_parts[i].path, path) == 0)
            return &page_parts[i];
    return NULL;
}

/* If-None-Match has one tag or several, or "*" (RFC 9110, section 13.1.2). */
static bool is_known(const struct request *request, const struct page_part *part)
{
    return request->if_none_match &&
           (strcmp(request->if_none_match, "*") == 0 || strstr(request->if_none_match, part->etag));
}

enum next client_part_get(struct request *request)
{
    const struct page_part *part = request->api->has_page ? find(request->path) : NULL;
    struct reply *reply = &request->reply;
    if (!part) {
        reply_problem(reply, PROBLEM_NOT_FOUND);
        return NEXT_REPLY;
    }
    if (is_known(request, part)) {
        reply_empty(reply, 304);
    } else {
        struct blob copy;
        if (blob_new(&copy, 1, part->length)) {
            reply_problem(reply, PROBLEM_UNAVAILABLE);
            return NEXT_REPLY;
        }
        blob_add(&copy, part->bytes, part->length);
        reply_text(reply, part->content_type, copy);
    }
    reply_header(reply, "ETag", "%s", part->etag);
    reply->constants = headers;
    reply->constant_count = sizeof headers / sizeof headers[0];
    return NEXT_REPLY;
}
