/* Warnings about a passphrase: characters that look alike, and texts that are easily guessed. */
#ifndef REUNION_CLI_PHRASE_H
#define REUNION_CLI_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

/* DESIGN: the bytes of a passphrase count. Nothing here changes them, as the reference does not
 * normalise either. Two texts that look the same but differ never match, and neither side learns
 * why; so each side is warned beforehand of characters in its own text that somebody else may
 * type differently. The result is a set of bits that reveals nothing else of the text. Its
 * characters are held in local variables only, which are wiped. */

enum phrase_doubt {
    PHRASE_NOT_UTF8 = 1 << 0,
    PHRASE_MARK = 1 << 1,       /* a byte order mark at the head */
    PHRASE_EDGE = 1 << 2,       /* blanks or line ends at the beginning or end */
    PHRASE_BLANKS = 1 << 3,     /* several blanks in a row, or another one than U+0020 */
    PHRASE_CONTROL = 1 << 4,    /* control characters, also tab */
    PHRASE_UNSEEN = 1 << 5,     /* characters of no width */
    PHRASE_DECOMPOSED = 1 << 6, /* not in normalization form C */
    PHRASE_QUOTES = 1 << 7,     /* other quotation marks than those of ASCII */
    PHRASE_DASHES = 1 << 8,     /* other dashes than the one of ASCII */
    PHRASE_FORMS = 1 << 9,      /* full width, ligatures and the like */
    PHRASE_SCRIPTS = 1 << 10,   /* letters of two scripts that look alike, or of one like Latin */
    PHRASE_RETYPED = 1 << 11,   /* the words of a generated one, otherwise written */
    PHRASE_MISTYPED = 1 << 12,  /* nearly a generated one */
    PHRASE_SHORT = 1 << 13,
    PHRASE_COMMON = 1 << 14,   /* everybody's, or an example's */
    PHRASE_PATTERN = 1 << 15,  /* along the keyboard or the alphabet, or repeated */
    PHRASE_PERSONAL = 1 << 16, /* a number as of a telephone, an address of mail */
    PHRASE_KEYS = 1 << 17,     /* keys that are no text were pressed; found where it is typed */
};

/* What a doubt is called, for programs, and what is said of it, for people. */
struct phrase_doubt_row {
    enum phrase_doubt doubt;
    const char *word; /* does not change */
    const char *text;
};

extern const struct phrase_doubt_row phrase_doubt_rows[];
extern const size_t phrase_doubt_row_count;

/* All doubts about a text, as bits. Any bytes. */
unsigned phrase_doubts(const char *text, size_t bytes);

/* The parts of it: what makes texts look alike; what is to be said of generated passphrases; what
 * makes one easy to guess. */
unsigned phrase_look(const char *text, size_t bytes);
unsigned phrase_generated(const char *text, size_t bytes);
unsigned phrase_guess(const char *text, size_t bytes);

/* Whether the words are those of a generated one, however they are written. */
bool phrase_is_generated(const char *text, size_t bytes);

/* Whether there is nothing to be seen in a text: no bytes, or blanks and the like alone. */
bool phrase_is_blank(const char *text, size_t bytes);

#endif
