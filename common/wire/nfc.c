#include "wire/nfc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/nfc_tables.h"

/* Hangul syllables are made of their parts by arithmetic (The Unicode Standard, 3.12). */
enum {
    SYLLABLES = 0xac00,
    LEADS = 0x1100,
    VOWELS = 0x1161,
    TAILS = 0x11a7, /* one before the first */
    LEAD_COUNT = 19,
    VOWEL_COUNT = 21,
    TAIL_COUNT = 28,
    SYLLABLE_COUNT = LEAD_COUNT * VOWEL_COUNT * TAIL_COUNT,
};

struct codes {
    uint32_t code[NFC_CODES_MAX];
    size_t count;
};

static int put(struct codes *codes, uint32_t code)
{
    if (codes->count == NFC_CODES_MAX)
        return -EMSGSIZE;
    codes->code[codes->count++] = code;
    return 0;
}

/* UTF-8 */

/* Take one character; strictly. Returns: its bytes, 0 for what is none. */
static size_t take_utf8(uint32_t *code, const uint8_t *at, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80             ? 1
                    : (at[0] & 0xe0) == 0xc0 ? 2
                    : (at[0] & 0xf0) == 0xe0 ? 3
                    : (at[0] & 0xf8) == 0xf0 ? 4
                                             : 0;
    if (length == 0 || length > left)
        return 0;
    uint32_t value = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3f);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *code = value;
    return length;
}

static size_t put_utf8(uint8_t out[static 4], uint32_t code)
{
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
    out[0] = (uint8_t)(marks[length] | code);
    return length;
}

/* Tables */

static int by_code(const void *key, const void *row)
{
    uint32_t code = *(const uint32_t *)key, other = *(const uint32_t *)row;
    return (code > other) - (code < other);
}

static int by_parts(const void *key, const void *row)
{
    const struct nfc_pair *a = key, *b = row;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->second > b->second) - (a->second < b->second);
}

static uint8_t class_of(uint32_t code)
{
    const struct nfc_class *found =
        bsearch(&code, nfc_classes, nfc_class_count, sizeof *nfc_classes, by_code);
    return found ? found->combining : 0;
}

/* Taking apart */

static int decompose_syllable(struct codes *codes, uint32_t index)
{
    uint32_t tail = index % TAIL_COUNT;
    int err = put(codes, LEADS + index / (VOWEL_COUNT * TAIL_COUNT));
    if (!err)
        err = put(codes, VOWELS + index % (VOWEL_COUNT * TAIL_COUNT) / TAIL_COUNT);
    return err || tail == 0 ? err : put(codes, TAILS + tail);
}

/* The first part can be made of others again, the second cannot; what is left of a chain of first
 * parts is put before the second ones, innermost first. */
static int decompose(struct codes *codes, uint32_t code)
{
    enum { DEPTH_MAX = 8 };
    uint32_t seconds[DEPTH_MAX];
    size_t depth = 0;
    if (code - SYLLABLES < SYLLABLE_COUNT)
        return decompose_syllable(codes, code - SYLLABLES);
    const struct nfc_pair *found;
    while ((found = bsearch(&code, nfc_decompositions, nfc_decomposition_count,
                            sizeof *nfc_decompositions, by_code))) {
        INVARIANT(depth < DEPTH_MAX);
        if (found->second)
            seconds[depth++] = found->second;
        code = found->first;
    }
    int err = put(codes, code);
    while (!err && depth > 0)
        err = decompose(codes, seconds[--depth]);
    return err;
}

/* Marks that follow a character stand by their class, stably. */
static void order(struct codes *codes)
{
    for (size_t i = 1; i < codes->count; i++) {
        uint32_t code = codes->code[i];
        uint8_t class = class_of(code);
        size_t at = i;
        for (; class && at > 0 && class_of(codes->code[at - 1]) > class; at--)
            codes->code[at] = codes->code[at - 1];
        codes->code[at] = code;
    }
}

/* Putting together */

/* What two make, or 0. */
static uint32_t composed(uint32_t first, uint32_t second)
{
    uint32_t lead = first - LEADS, vowel = second - VOWELS, syllable = first - SYLLABLES;
    if (lead < LEAD_COUNT && vowel < VOWEL_COUNT)
        return SYLLABLES + (lead * VOWEL_COUNT + vowel) * TAIL_COUNT;
    if (syllable < SYLLABLE_COUNT && syllable % TAIL_COUNT == 0 && second > TAILS &&
        second < TAILS + TAIL_COUNT)
        return first + second - TAILS;
    const struct nfc_pair key = {.first = first, .second = second};
    const struct nfc_pair *found =
        bsearch(&key, nfc_compositions, nfc_composition_count, sizeof *nfc_compositions, by_parts);
    return found ? found->code : 0;
}

static void compose(struct codes *codes)
{
    size_t kept = 0, starter = SIZE_MAX;
    uint8_t last = 0; /* the class of what was kept last behind the starter */
    for (size_t i = 0; i < codes->count; i++) {
        uint32_t code = codes->code[i];
        uint8_t class = class_of(code);
        bool free = starter != SIZE_MAX && (kept == starter + 1 || (last != 0 && last < class));
        uint32_t both = free ? composed(codes->code[starter], code) : 0;
        if (both) {
            codes->code[starter] = both;
            continue;
        }
        if (class == 0)
            starter = kept;
        last = class;
        codes->code[kept++] = code;
    }
    codes->count = kept;
}

int nfc_normalise(char *out, size_t capacity, size_t *bytes, const char *text, size_t length)
{
    struct codes codes = {.count = 0};
    size_t filled = 0;
    for (size_t at = 0, taken; at < length; at += taken) {
        uint32_t code;
        taken = take_utf8(&code, (const uint8_t *)text + at, length - at);
        if (taken == 0)
            return -EBADMSG;
        int err = decompose(&codes, code);
        if (err)
            return err;
    }
    order(&codes);
    compose(&codes);
    for (size_t i = 0; i < codes.count; i++) {
        uint8_t one[4];
        size_t more = put_utf8(one, codes.code[i]);
        if (more > capacity - filled)
            return -EMSGSIZE;
        memcpy(out + filled, one, more);
        filled += more;
    }
    *bytes = filled;
    return 0;
}
