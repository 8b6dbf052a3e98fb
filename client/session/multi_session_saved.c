#include "session/multi_session_saved.h"

#include <stdbool.h>
#include <string.h>

#include "base/secret.h"
#include "session/saved_form.h"

enum { FORMAT = 1 };

static const uint8_t magic[SAVED_MAGIC_BYTES] = {'R', 'C', 'O', 'M'};

static void put(struct writer *to, const struct multi_session_settings *settings,
                const struct multi_session_piece *pieces, const struct seen_messages *seen_messages)
{
    uint32_t begun = 0;
    for (size_t i = 0; i < settings->count; i++)
        begun += pieces[i].bytes != NULL;
    saved_form_put(to, magic, FORMAT);
    saved_payload_put(to, settings->session.payload, settings->session.payload_bytes);
    seen_messages_put(seen_messages, to);
    writer_be32(to, begun);
    for (size_t i = 0; i < settings->count; i++) {
        if (!pieces[i].bytes)
            continue;
        writer_be32(to, (uint32_t)strlen(settings->names[i]));
        writer_put(to, settings->names[i], strlen(settings->names[i]));
        writer_be32(to, (uint32_t)pieces[i].count);
        writer_put(to, pieces[i].bytes, pieces[i].count);
    }
}

int multi_session_saved_write(const struct multi_session_settings *settings,
                              const struct multi_session_piece *pieces,
                              const struct seen_messages *seen_messages, uint8_t **kept,
                              size_t *bytes)
{
    struct writer to = {NULL, 0};
    put(&to, settings, pieces, seen_messages);
    uint8_t *written = secret_alloc(to.bytes);
    if (!written)
        return -ENOMEM;
    to = (struct writer){written, 0};
    put(&to, settings, pieces, seen_messages);
    *kept = written;
    *bytes = to.bytes;
    return 0;
}

/* The number of the server with that name, or `count`. */
static size_t find_server(const struct multi_session_settings *settings, const uint8_t *name,
                          size_t bytes)
{
    size_t i = 0;
    while (i < settings->count &&
           (strlen(settings->names[i]) != bytes || memcmp(settings->names[i], name, bytes) != 0))
        i++;
    return i;
}

static int take_piece(struct cursor *from, const struct multi_session_settings *settings,
                      struct multi_session_piece *pieces)
{
    uint32_t name_bytes = cursor_be32(from);
    const uint8_t *name = cursor_take(from, name_bytes);
    uint32_t bytes = cursor_be32(from);
    const uint8_t *piece = cursor_take(from, bytes);
    if (from->failed || bytes == 0)
        return -EBADMSG;
    size_t server = find_server(settings, name, name_bytes);
    if (server == settings->count)
        return -EBUSY;
    if (pieces[server].bytes)
        return -EBADMSG;
    pieces[server] = (struct multi_session_piece){piece, bytes};
    return 0;
}

int multi_session_saved_read(const struct multi_session_settings *settings, const uint8_t *kept,
                             size_t bytes, struct multi_session_piece *pieces,
                             struct seen_messages *seen_messages)
{
    struct cursor from = cursor_over(kept, bytes);
    int err = saved_form_take(&from, magic, FORMAT);
    if (!err)
        err =
            saved_payload_check(&from, settings->session.payload, settings->session.payload_bytes);
    if (err)
        return err;
    err = seen_messages_take(seen_messages, &from);
    uint32_t count = err ? 0 : cursor_be32(&from);
    for (uint32_t i = 0; i < count && !err; i++)
        err = take_piece(&from, settings, pieces);
    return err ? err : cursor_finish(&from);
}
