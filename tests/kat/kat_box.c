/* The box transport: the part's sections, and what they share. */
#include "kat_box.h"

#include <stdio.h>
#include <string.h>

#include "kat_datagrams.h"

static const struct kat_section sections[] = {
    {"handshakes", kat_box_handshake},
    {"packets", kat_box_packet},
    {"ops", kat_box_op},
};

const struct kat_part kat_box = {"box", sections, sizeof sections / sizeof *sections};

void kat_box_identity(struct kat_score *score, struct box_identity *identity, const json_t *entry,
                      const char *who, const char *name, size_t index)
{
    char key[KAT_NAME_BYTES];
    snprintf(key, sizeof key, "%s_secret", who);
    kat_copy(identity->secret, entry, key, BOX_KEY_BYTES);
    snprintf(key, sizeof key, "%s_public", who);
    kat_copy(identity->public_key, entry, key, BOX_KEY_BYTES);
    uint8_t derived[BOX_KEY_BYTES];
    box_public(derived, identity->secret);
    kat_expect(score, memcmp(derived, identity->public_key, sizeof derived) == 0, name, index, key);
}
