#include "wire/place_tag.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/hash.h"
#include "wire/nfc.h"

/* What cannot be seen in a name would keep people apart who think that they are in one place. */
static bool is_plain(const char *name, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return name[0] != ' ' && name[bytes - 1] != ' ';
}

int place_tag(uint8_t tag[static ID_BYTES], const char *name)
{
    static const char domain[] = "reunion-place-v1";
    char normal[PLACE_NAME_BYTES_MAX];
    size_t bytes, given = strlen(name);
    if (given == 0 || given > PLACE_NAME_BYTES_MAX)
        return -EMSGSIZE;
    if (!is_plain(name, given))
        return -EBADMSG;
    int err = nfc_normalise(normal, sizeof normal, &bytes, name, given);
    if (err)
        return err;
    hash_parts(tag, (struct hash_part[]){{domain, sizeof domain - 1}, {normal, bytes}}, 2);
    return 0;
}
