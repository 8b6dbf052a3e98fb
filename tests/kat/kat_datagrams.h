/* Known answers of a file of datagrams.json's form: its parts, and randomness from a case. */
#ifndef REUNION_TESTS_KAT_DATAGRAMS_H
#define REUNION_TESTS_KAT_DATAGRAMS_H

#include "base/random.h"
#include "kat.h"

/* One list of a part: `check` looks at an entry of it, and names its failures by the list's name
 * and the entry's index. */
struct kat_section {
    const char *name;
    void (*check)(struct kat_score *score, const json_t *entry, const char *name, size_t index);
};

/* A part: what the file calls it, and its sections. */
struct kat_part {
    const char *name;
    const struct kat_section *sections;
    size_t count;
};

extern const struct kat_part kat_box;
extern const struct kat_part kat_mix;
extern const struct kat_part kat_groups;

/* Random values of a case, handed out in the order in which they were added. Asking for more than
 * there is, or in other pieces than were added, is noticed. */
enum { KAT_RANDOM_PIECES = 16, KAT_RANDOM_BYTES = 2048 };
struct kat_random {
    uint8_t bytes[KAT_RANDOM_BYTES];
    size_t sizes[KAT_RANDOM_PIECES];
    size_t pieces, next, used;
    bool wrong;
};
void kat_random_add(struct kat_random *values, const struct kat_bytes *piece);
struct random_source kat_random_source(struct kat_random *values);
/* Whether exactly what was added has been asked for. */
bool kat_random_is_used_up(const struct kat_random *values);

#endif
