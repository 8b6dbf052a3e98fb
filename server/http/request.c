#include "http/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/secret.h"

int request_body(struct request *request, const void *data, size_t bytes)
{
    if (request->reply.status || bytes > request->length - request->body_bytes)
        return 0;
    if (!request->body)
        request->body = malloc(request->length);
    if (!request->body)
        return -ENOMEM;
    memcpy(request->body + request->body_bytes, data, bytes);
    request->body_bytes += bytes;
    return 0;
}

const char *request_parameter(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++)
        if (strcmp(request->parameters[i].name, name) == 0)
            return request->parameters[i].value;
    return NULL;
}

int request_key_hash(const struct request *request, uint8_t hash[static ID_BYTES])
{
    static const char scheme[] = "Bearer ";
    const char *given = request->authorization;
    uint8_t key[WRITE_KEY_BYTES];
    if (!given || strncasecmp(given, scheme, sizeof scheme - 1) != 0 ||
        hex_decode(key, sizeof key, given + sizeof scheme - 1))
        return -EACCES;
    post_key_hash(hash, key);
    secret_wipe(key, sizeof key);
    return 0;
}

void request_clear(struct request *request)
{
    free(request->body);
    request->body = NULL;
    if (request->post.kind == POST_REFERENCE)
        service_reference_free(&request->post);
    free(request->post.refusals);
    request->post.refusals = NULL;
    reply_free(&request->reply);
}
