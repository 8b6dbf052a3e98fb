#include "session/saved_form.h"

#include <string.h>

#include "base/secret.h"

void saved_form_put(struct writer *to, const uint8_t magic[static SAVED_MAGIC_BYTES],
                    uint32_t format)
{
    writer_put(to, magic, SAVED_MAGIC_BYTES);
    writer_be32(to, format);
}

int saved_form_take(struct cursor *from, const uint8_t magic[static SAVED_MAGIC_BYTES],
                    uint32_t format)
{
    uint8_t mark[SAVED_MAGIC_BYTES];
    cursor_copy(from, mark, sizeof mark);
    uint32_t its_format = cursor_be32(from);
    if (memcmp(mark, magic, sizeof mark) != 0 || its_format == 0)
        return -EBADMSG;
    return its_format != format ? -ENOTSUP : 0;
}

void saved_payload_put(struct writer *to, const uint8_t *payload, size_t bytes)
{
    writer_be32(to, (uint32_t)bytes);
    writer_put(to, payload, bytes);
}

int saved_payload_check(struct cursor *from, const uint8_t *payload, size_t bytes)
{
    uint32_t its_bytes = cursor_be32(from);
    const uint8_t *its = cursor_take(from, its_bytes);
    if (!its)
        return -EBADMSG;
    return its_bytes == bytes && secret_equal(its, payload, bytes) ? 0 : -EPERM;
}
