#include "api/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/secret.h"

enum { FIRST_ROOM_BYTES = 4096 };

static void release_body(struct request *request)
{
    free(request->body);
    if (request->body_room > 0)
        budget_give(request->api->bodies, request->body_room);
    request->body = NULL;
    request->body_bytes = request->body_room = 0;
}

/* Room for `bytes` in all. It grows with what has come, whatever length was stated.
 * Returns: 0, -ENOSPC (others hold too much), -ENOMEM. */
static int make_room(struct request *request, size_t bytes)
{
    size_t room = request->body_room ? 2 * request->body_room : FIRST_ROOM_BYTES;
    if (bytes <= request->body_room)
        return 0;
    if (room < bytes)
        room = bytes;
    if (room > request->length)
        room = (size_t)request->length;
    size_t more = room - request->body_room;
    if (budget_take(request->api->bodies, more))
        return -ENOSPC;
    uint8_t *body = realloc(request->body, room);
    if (!body) {
        budget_give(request->api->bodies, more);
        return -ENOMEM;
    }
    request->body = body;
    request->body_room = room;
    return 0;
}

void request_body(struct request *request, const void *data, size_t bytes)
{
    if (request->reply.status || bytes == 0 || bytes > request->length - request->body_bytes)
        return;
    int err = make_room(request, request->body_bytes + bytes);
    if (err) {
        release_body(request);
        reply_problem(&request->reply,
                      err == -ENOSPC ? PROBLEM_TOO_MANY_BODIES : PROBLEM_UNAVAILABLE);
        return;
    }
    memcpy(request->body + request->body_bytes, data, bytes);
    request->body_bytes += bytes;
}

const char *request_parameter(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++)
        if (strcmp(request->parameters[i].name, name) == 0)
            return request->parameters[i].value;
    return NULL;
}

/* The key from "Authorization: Bearer <64 hex>". Returns: 0, -EACCES. */
static int take_key(const struct request *request, uint8_t key[static WRITE_KEY_BYTES])
{
    static const char scheme[] = "Bearer ";
    const char *given = request->authorization;
    return !given || strncasecmp(given, scheme, sizeof scheme - 1) != 0 ||
                   hex_decode(key, WRITE_KEY_BYTES, given + sizeof scheme - 1)
               ? -EACCES
               : 0;
}

int request_key_hash(const struct request *request, uint8_t hash[static ID_BYTES])
{
    uint8_t key[WRITE_KEY_BYTES];
    int err = take_key(request, key);
    if (!err)
        post_key_hash(hash, key);
    secret_wipe(key, sizeof key);
    return err;
}

_Static_assert((int)READ_KEY_BYTES == WRITE_KEY_BYTES, "both are sent alike");

int request_mailbox_id(const struct request *request, uint8_t id[static MAILBOX_ID_BYTES])
{
    uint8_t key[READ_KEY_BYTES];
    int err = take_key(request, key);
    if (!err)
        service_mailbox_id(id, key);
    secret_wipe(key, sizeof key);
    return err;
}

int request_stamp(const struct request *request, uint8_t nonce[static STAMP_NONCE_BYTES])
{
    if (!request->stamp)
        return -ENOENT;
    return hex_decode(nonce, STAMP_NONCE_BYTES, request->stamp) ? -EBADMSG : 0;
}

int request_take_reply_room(struct request *request, enum answer_kind kind)
{
    size_t bytes = request->reply.body.bytes;
    if (!request->api->answers || bytes <= ANSWER_SMALL_MAX)
        return 0;
    if (answers_take(request->api->answers, kind, bytes))
        return -ENOSPC;
    request->reply_kind = kind;
    request->reply_room = bytes;
    return 0;
}

void request_give_reply_room(struct request *request)
{
    if (request->reply_room > 0)
        answers_give(request->api->answers, request->reply_kind, request->reply_room);
    request->reply_room = 0;
}

void request_clear(struct request *request)
{
    request_give_reply_room(request);
    release_body(request);
    reference_post_free(&request->post);
    free(request->post.refusals);
    request->post.refusals = NULL;
    reply_free(&request->reply);
}
