/* Tables of characters that make two texts look alike, written by characters.py. */
#ifndef REUNION_CLI_CHARACTERS_H
#define REUNION_CLI_CHARACTERS_H

#include <stddef.h>
#include <stdint.h>

enum character_kind {
    CHARACTER_PLAIN,
    CHARACTER_CONTROL, /* also tab and line ends */
    CHARACTER_UNSEEN,  /* of no width: joiners, direction marks, byte order mark, selectors */
    CHARACTER_BLANK,   /* another blank than U+0020 */
    CHARACTER_QUOTE,   /* another quotation mark or apostrophe than those of ASCII */
    CHARACTER_DASH,    /* another dash or minus than U+002D */
    CHARACTER_PICTURE, /* emoji and other signs, which joiners and selectors belong to */
    CHARACTER_JOINING, /* letters and marks of scripts that are written with joiners */
    CHARACTER_FORM,    /* a form of others: full width, ligatures, superscripts, ... */
};

/* Scripts whose letters are drawn alike; the values are bits. */
enum character_script {
    SCRIPT_OTHER = 0,
    SCRIPT_LATIN = 1,
    SCRIPT_GREEK = 2,
    SCRIPT_CYRILLIC = 4,
    SCRIPT_ARMENIAN = 8,
    SCRIPT_CHEROKEE = 16,
};

struct character_range {
    uint32_t first, last;
    uint32_t value;
};

struct character_pair {
    uint32_t first, second;
};

/* Sorted; what is in none of the ranges has the value 0. */
extern const struct character_range character_kinds[], character_scripts[];
extern const struct character_range character_recomposed[]; /* NFC never holds them */
extern const struct character_range character_classes[];    /* canonical combining classes */
extern const struct character_range character_look_latin[]; /* letters that look like Latin ones */
extern const size_t character_kinds_count, character_scripts_count, character_recomposed_count,
    character_classes_count, character_look_latin_count;

/* Sorted: two characters of which NFC makes one, but for those of Hangul. */
extern const struct character_pair character_pairs[];
extern const size_t character_pair_count;

#endif
