#include "cli/phrase.h"

#include <string.h>

#include "base/secret.h"
#include "cli/characters.h"
#include "cli/utf8.h"

enum {
    BYTE_ORDER_MARK = 0xfeff,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_S = 0xac00,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT,
};

/* A text read so far. */
struct look {
    unsigned doubts;
    uint32_t starter;    /* the last character of combining class 0; 0: none */
    uint32_t last_class; /* of the character before; 0 for a starter */
    uint32_t before;     /* the character before; 0: none */
    uint32_t scripts;
    bool only_alike; /* all letters so far look like Latin ones and are none */
    bool any_letter;
};

static uint32_t value_of(const struct character_range *ranges, size_t count, uint32_t character)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (character > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && character >= ranges[low].first ? ranges[low].value : 0;
}

static bool in_span(uint32_t character, uint32_t first, uint32_t count)
{
    return character >= first && character - first < count;
}

/* The algorithm of The Unicode Standard, 3.12. */
static bool hangul_composes(uint32_t first, uint32_t second)
{
    if (in_span(first, HANGUL_L, HANGUL_L_COUNT))
        return in_span(second, HANGUL_V, HANGUL_V_COUNT);
    return in_span(first, HANGUL_S, HANGUL_S_COUNT) && (first - HANGUL_S) % HANGUL_T_COUNT == 0 &&
           in_span(second, HANGUL_T + 1, HANGUL_T_COUNT - 1);
}

static bool composes(uint32_t first, uint32_t second)
{
    size_t low = 0, high = character_pair_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct character_pair *pair = &character_pairs[middle];
        if (pair->first == first && pair->second == second)
            return true;
        if (pair->first < first || (pair->first == first && pair->second < second))
            low = middle + 1;
        else
            high = middle;
    }
    return hangul_composes(first, second);
}

/* Whether normalization form C would change the text here (Unicode Standard Annex 15). */
static void look_at_form(struct look *look, uint32_t character)
{
    uint32_t class = value_of(character_classes, character_classes_count, character);
    bool next_to = look->starter != 0 && look->last_class == 0;
    bool reaches = next_to || (look->starter != 0 && look->last_class < class);
    if (value_of(character_recomposed, character_recomposed_count, character) ||
        (class != 0 && look->last_class > class) || (reaches && composes(look->starter, character)))
        look->doubts |= PHRASE_DECOMPOSED;
    if (class == 0)
        look->starter = character;
    look->last_class = class;
}

static void look_at_kind(struct look *look, uint32_t character)
{
    static const unsigned doubts[] = {
        [CHARACTER_PLAIN] = 0,
        [CHARACTER_CONTROL] = PHRASE_CONTROL,
        [CHARACTER_UNSEEN] = PHRASE_UNSEEN,
        [CHARACTER_BLANK] = PHRASE_BLANKS,
        [CHARACTER_QUOTE] = PHRASE_QUOTES,
        [CHARACTER_DASH] = PHRASE_DASHES,
        [CHARACTER_FORM] = PHRASE_FORMS,
    };
    look->doubts |= doubts[value_of(character_kinds, character_kinds_count, character)];
    if (character == ' ' && look->before == ' ')
        look->doubts |= PHRASE_BLANKS;
}

static void look_at_script(struct look *look, uint32_t character)
{
    uint32_t script = value_of(character_scripts, character_scripts_count, character);
    if (script == SCRIPT_OTHER)
        return;
    look->scripts |= script;
    look->any_letter = true;
    look->only_alike = look->only_alike &&
                       value_of(character_look_latin, character_look_latin_count, character) != 0;
}

static unsigned script_doubts(const struct look *look)
{
    bool several = (look->scripts & (look->scripts - 1)) != 0;
    return several || (look->any_letter && look->only_alike) ? PHRASE_SCRIPTS : 0;
}

static bool is_edge(uint32_t character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n' ||
           value_of(character_kinds, character_kinds_count, character) == CHARACTER_BLANK;
}

unsigned phrase_look(const char *text, size_t bytes)
{
    const uint8_t *from = (const uint8_t *)text;
    struct look look = {.only_alike = true};
    uint32_t character = 0;
    for (size_t at = 0, taken; at < bytes; at += taken) {
        taken = utf8_next(&character, from + at, bytes - at);
        if (taken == 0) {
            look.doubts |= PHRASE_NOT_UTF8;
            break;
        }
        if (at == 0 && is_edge(character))
            look.doubts |= PHRASE_EDGE;
        if (at == 0 && character == BYTE_ORDER_MARK) {
            look.doubts |= PHRASE_MARK;
            continue;
        }
        look_at_form(&look, character);
        look_at_kind(&look, character);
        look_at_script(&look, character);
        look.before = character;
    }
    if (bytes > 0 && !(look.doubts & PHRASE_NOT_UTF8) && is_edge(character))
        look.doubts |= PHRASE_EDGE;
    unsigned doubts = look.doubts | script_doubts(&look);
    secret_wipe(&look, sizeof look);
    secret_wipe(&character, sizeof character);
    return doubts;
}

bool phrase_is_blank(const char *text, size_t bytes)
{
    const uint8_t *from = (const uint8_t *)text;
    for (size_t at = 0, taken; at < bytes; at += taken) {
        uint32_t character;
        taken = utf8_next(&character, from + at, bytes - at);
        if (taken == 0)
            return false;
        uint32_t kind = value_of(character_kinds, character_kinds_count, character);
        if (character != ' ' && kind != CHARACTER_CONTROL && kind != CHARACTER_UNSEEN &&
            kind != CHARACTER_BLANK)
            return false;
    }
    return true;
}
