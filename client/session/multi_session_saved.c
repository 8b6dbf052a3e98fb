#include "session/multi_session_saved.h"

#include <stdbool.h>
#include <string.h>

#include "base/secret.h"
#include "session/saved_form.h"

enum { FORMAT = 1 };

static const uint8_t magic[KEPT_MAGIC_BYTES] = {'R', 'C', 'O', 'M'};

static void put(struct writer *to, const struct company_settings *settings,
                const struct company_piece *pieces, const struct tally *tally)
{
    uint32_t begun = 0;
    for (size_t i = 0; i < settings->count; i++)
        begun += pieces[i].bytes != NULL;
    kept_form_put(to, magic, FORMAT);
    kept_payload_put(to, settings->meet.payload, settings->meet.payload_bytes);
    tally_put(tally, to);
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

int company_kept_write(const struct company_settings *settings, const struct company_piece *pieces,
                       const struct tally *tally, uint8_t **kept, size_t *bytes)
{
    struct writer to = {NULL, 0};
    put(&to, settings, pieces, tally);
    uint8_t *written = secret_alloc(to.bytes);
    if (!written)
        return -ENOMEM;
    to = (struct writer){written, 0};
    put(&to, settings, pieces, tally);
    *kept = written;
    *bytes = to.bytes;
    return 0;
}

/* The number of the server with that name, or `count`. */
static size_t find_server(const struct company_settings *settings, const uint8_t *name,
                          size_t bytes)
{
    size_t i = 0;
    while (i < settings->count &&
           (strlen(settings->names[i]) != bytes || memcmp(settings->names[i], name, bytes) != 0))
        i++;
    return i;
}

static int take_piece(struct cursor *from, const struct company_settings *settings,
                      struct company_piece *pieces)
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
    pieces[server] = (struct company_piece){piece, bytes};
    return 0;
}

int company_kept_read(const struct company_settings *settings, const uint8_t *kept, size_t bytes,
                      struct company_piece *pieces, struct tally *tally)
{
    struct cursor from = cursor_over(kept, bytes);
    int err = kept_form_take(&from, magic, FORMAT);
    if (!err)
        err = kept_payload_check(&from, settings->meet.payload, settings->meet.payload_bytes);
    if (err)
        return err;
    err = tally_take(tally, &from);
    uint32_t count = err ? 0 : cursor_be32(&from);
    for (uint32_t i = 0; i < count && !err; i++)
        err = take_piece(&from, settings, pieces);
    return err ? err : cursor_finish(&from);
}
