#include "cli/phrase.h"

#include <string.h>

#include "base/secret.h"
#include "cli/characters.h"
#include "cli/utf8.h"

enum {
    BYTE_ORDER_MARK = 0xfeff,
    NON_JOINER = 0x200c,
    JOINER = 0x200d,
    PICTURE_SELECTOR = 0xfe0f,
    TAG_FIRST = 0xe0020, /* behind a flag: whose it is */
    TAG_COUNT = 0x60,
    WORD_ALIKE_MAX = 2, /* a longer word of letters that look alike is one of its own script */
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
    uint32_t starter;      /* the last character of combining class 0; 0: none */
    uint32_t last_class;   /* of the character before; 0 for a starter */
    uint32_t before;       /* the character before; 0: none */
    uint32_t kind;         /* of the last character, selectors and joiners passed over */
    bool joins;            /* a joiner stands before that is in place if what follows is */
    uint32_t scripts;      /* of all letters so far */
    uint32_t distinct;     /* of letters that look like none of another script */
    uint32_t word_scripts; /* of the letters of this word, which may be of one script alone */
    size_t word_letters;
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

/* What makes a picture of what stands before, as keyboards put it there: the selector, also behind
 * the figure of a keycap, and the tags of a flag. */
static bool is_selector(const struct look *look, uint32_t character)
{
    uint32_t before = look->before;
    bool figure = (before >= '0' && before <= '9') || before == '#' || before == '*';
    if (character == PICTURE_SELECTOR)
        return before != PICTURE_SELECTOR && !look->joins &&
               (look->kind == CHARACTER_PICTURE || figure);
    return look->kind == CHARACTER_PICTURE && in_span(character, TAG_FIRST, TAG_COUNT);
}

/* Whether it joins pictures, or letters whose form it changes, if the next one is such, too. */
static bool is_joiner(const struct look *look, uint32_t character)
{
    if (look->joins)
        return false;
    return (character == JOINER && look->kind == CHARACTER_PICTURE) ||
           ((character == JOINER || character == NON_JOINER) && look->kind == CHARACTER_JOINING);
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
        [CHARACTER_PICTURE] = 0,
        [CHARACTER_JOINING] = 0,
        [CHARACTER_FORM] = PHRASE_FORMS,
    };
    uint32_t kind = value_of(character_kinds, character_kinds_count, character);
    bool selects = is_selector(look, character), joiner = is_joiner(look, character);
    if (look->joins && kind != look->kind)
        look->doubts |= PHRASE_UNSEEN;
    look->joins = joiner;
    if (selects || joiner)
        return;
    look->doubts |= doubts[kind];
    look->kind = kind;
    if (character == ' ' && look->before == ' ')
        look->doubts |= PHRASE_BLANKS;
}

/* Signs, digits and marks belong to the word they stand in; blanks, dashes and the like end it. */
static bool ends_word(const struct look *look, uint32_t character)
{
    bool ascii = character < 0x80;
    bool digit = character >= '0' && character <= '9';
    return (ascii && !digit) || look->kind == CHARACTER_BLANK || look->kind == CHARACTER_DASH ||
           look->kind == CHARACTER_PICTURE;
}

/* Latin letters that Cyrillic or Greek ones are drawn like. */
static bool is_latin_alike(uint32_t character)
{
    static const char alike[] = "aceiopsxyjvuABCEHIJKMNOPSTXYZ";
    return character != 0 && character < 0x80 && strchr(alike, (char)character) != NULL;
}

static void look_at_script(struct look *look, uint32_t character)
{
    uint32_t script = value_of(character_scripts, character_scripts_count, character);
    if (script == SCRIPT_OTHER) {
        if (ends_word(look, character)) {
            look->word_scripts = 0;
            look->word_letters = 0;
        }
        return;
    }
    look->scripts |= script;
    look->word_scripts |= script;
    look->word_letters++;
    if (look->word_scripts != script)
        look->doubts |= PHRASE_SCRIPTS; /* within one word nobody changes */
    bool alike = script == SCRIPT_LATIN
                     ? is_latin_alike(character) && look->word_letters <= WORD_ALIKE_MAX
                     : value_of(character_look_latin, character_look_latin_count, character) != 0;
    if (!alike)
        look->distinct |= script;
}

/* A script all of whose letters could as well be of another one. Latin is what is thought of first,
 * so that it matters beside another script alone. */
static unsigned script_doubts(const struct look *look)
{
    uint32_t alike = look->scripts & ~look->distinct;
    return alike != 0 && look->scripts != SCRIPT_LATIN ? PHRASE_SCRIPTS : 0;
}

static bool is_edge(uint32_t character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n' ||
           value_of(character_kinds, character_kinds_count, character) == CHARACTER_BLANK;
}

unsigned phrase_look(const char *text, size_t bytes)
{
    const uint8_t *from = (const uint8_t *)text;
    struct look look = {.doubts = 0};
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
    unsigned doubts = look.doubts | script_doubts(&look) | (look.joins ? PHRASE_UNSEEN : 0);
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
