#include "cli/phrase.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/secret.h"
#include "cli/generate.h"
#include "cli/utf8.h"
#include "cli/word_list.h"

enum {
    SHORT_CHARACTERS = 8,   /* fewer are few */
    SHORT_OF_ONE_KIND = 12, /* fewer digits, or letters of one word, are few */
    FOLDED_BYTES_MAX = 48,  /* what is longer is in no list */
    PATTERN_PER_CENT = 80,  /* of steps along a line */
    KNOWN_WORDS_MIN = 5,    /* that many of a generated one's, and it is one with a slip */
    PARTS_MAX = 2 * GENERATE_WORDS,
};

/* Passphrases that lists of common ones begin with, and those of our own examples, in small letters
 * and digits alone, without digits at the end. */
static const char *const common[] = {
    "abracadabra",
    "admin",
    "administrator",
    "alohomora",
    "asdf",
    "bailey",
    "baseball",
    "basketball",
    "batman",
    "charlie",
    "changeme",
    "computer",
    "correcthorsebatterystaple",
    "default",
    "donald",
    "dragon",
    "football",
    "freedom",
    "friend",
    "guest",
    "hello",
    "hellothere",
    "helloworld",
    "hunter",
    "iamajellydonut",
    "iambatman",
    "ihaveadream",
    "iloveyou",
    "internet",
    "jellydonut",
    "jennifer",
    "jordan",
    "letmein",
    "login",
    "loveyou",
    "master",
    "maytheforcebewithyou",
    "meeting",
    "michael",
    "monkey",
    "mustang",
    "mypassphrase",
    "mypassword",
    "ninja",
    "opensesame",
    "openthedoor",
    "openup",
    "p4ssw0rd",
    "passphrase",
    "passw0rd",
    "password",
    "pokemon",
    "princess",
    "qwerty",
    "rendezvous",
    "reunion",
    "root",
    "secret",
    "sesame",
    "shadow",
    "soccer",
    "speakfriendandenter",
    "starwars",
    "sunshine",
    "superman",
    "swordfish",
    "temp",
    "test",
    "testing",
    "thisisapassword",
    "thisisasecret",
    "tobeornottobe",
    "topsecret",
    "trustno",
    "user",
    "welcome",
    "whatever",
    "winter",
    "summer",
    "xyzzy",
};

/* Lines that fingers and thoughts go along, forth and back. */
static const char *const lines[] = {
    "01234567890",  "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]", "qwertzuiop",
    "azertyuiop",   "asdfghjkl;'",
    "zxcvbnm,./",   "yxcvbnm",
    "wxcvbn",       "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!@#$%^&*()_+",
};

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

/* Generated passphrases */

static bool is_listed(const char *word, size_t bytes)
{
    for (size_t i = 0; i < WORD_LIST_COUNT; i++)
        if (strlen(word_list[i]) == bytes) {
            size_t same = 0;
            while (same < bytes && lower(word[same]) == word_list[i][same])
                same++;
            if (same == bytes)
                return true;
        }
    return false;
}

static bool is_letter(char character)
{
    return lower(character) >= 'a' && lower(character) <= 'z';
}

/* How a text divides into words of letters, whatever stands between. */
struct parts {
    size_t words, listed;
    bool exact; /* small letters, and one '-' between words */
};

static struct parts divide(const char *text, size_t bytes)
{
    struct parts parts = {.exact = true};
    size_t at = 0;
    while (at < bytes && parts.words <= PARTS_MAX) {
        size_t begin = at;
        while (at < bytes && is_letter(text[at])) {
            parts.exact = parts.exact && text[at] == lower(text[at]);
            at++;
        }
        if (at == begin && begin < bytes)
            parts.exact = false;
        if (at > begin) {
            parts.words++;
            parts.listed += is_listed(text + begin, at - begin);
        }
        if (at < bytes) {
            parts.exact = parts.exact && text[at] == '-' && at + 1 < bytes;
            at++;
        }
        while (at < bytes && !is_letter(text[at])) {
            parts.exact = false;
            at++;
        }
    }
    return parts;
}

unsigned phrase_generated(const char *text, size_t bytes)
{
    struct parts parts = divide(text, bytes);
    bool whole = parts.words == GENERATE_WORDS && parts.listed == GENERATE_WORDS;
    if (whole)
        return parts.exact ? 0 : PHRASE_RETYPED;
    bool near = parts.words + 1 >= GENERATE_WORDS && parts.words <= GENERATE_WORDS + 1;
    bool hyphens = bytes > 0 && memchr(text, '-', bytes) != NULL;
    return near && hyphens && parts.listed >= KNOWN_WORDS_MIN ? PHRASE_MISTYPED : 0;
}

static bool is_generated(const char *text, size_t bytes)
{
    struct parts parts = divide(text, bytes);
    return parts.words == GENERATE_WORDS && parts.listed == GENERATE_WORDS;
}

/* Guessing */

/* The bytes of the shortest text that, again and again, is all of it. */
static size_t period(const char *text, size_t bytes)
{
    for (size_t length = 1; length <= bytes / 2; length++)
        if (bytes % length == 0 && memcmp(text, text + length, bytes - length) == 0)
            return length;
    return bytes;
}

static size_t count_characters(const char *text, size_t bytes)
{
    size_t count = 0;
    uint32_t character;
    for (size_t at = 0, taken; at < bytes; at += taken, count++) {
        taken = utf8_next(&character, (const uint8_t *)text + at, bytes - at);
        taken += taken == 0;
    }
    secret_wipe(&character, sizeof character);
    return count;
}

/* Digits alone, with what stands between those of dates and telephone numbers; or one word, with
 * digits behind it. */
static bool is_of_one_kind(const char *text, size_t bytes)
{
    size_t word = 0, digits = 0, between = 0;
    while (word < bytes && is_letter(text[word]))
        word++;
    for (size_t at = word; at < bytes; at++) {
        digits += isdigit((unsigned char)text[at]) != 0;
        between += text[at] != '\0' && strchr(" +-./:!?", text[at]) != NULL;
    }
    return word + digits + between == bytes;
}

static bool is_short(const char *text, size_t bytes)
{
    size_t characters = count_characters(text, bytes);
    return characters < SHORT_CHARACTERS ||
           (characters < SHORT_OF_ONE_KIND && is_of_one_kind(text, bytes));
}

/* Small letters and digits alone, without digits at the end. Gives: their number; 0 also where
 * there are too many. */
static size_t fold(char folded[static FOLDED_BYTES_MAX], const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes; at++) {
        if (!is_letter(text[at]) && !isdigit((unsigned char)text[at]))
            continue;
        if (count == FOLDED_BYTES_MAX)
            return 0;
        folded[count++] = lower(text[at]);
    }
    while (count > 0 && isdigit((unsigned char)folded[count - 1]))
        count--;
    return count;
}

static bool is_common(const char *text, size_t bytes)
{
    char folded[FOLDED_BYTES_MAX];
    size_t count = fold(folded, text, bytes);
    bool found = false;
    for (size_t i = 0; i < sizeof common / sizeof *common && count > 0; i++)
        found = found || (strlen(common[i]) == count && memcmp(common[i], folded, count) == 0);
    secret_wipe(folded, sizeof folded);
    return found;
}

static bool is_step(char from, char to)
{
    if (from == to)
        return true;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (const char *at = lines[i]; at[1]; at++)
            if ((at[0] == from && at[1] == to) || (at[1] == from && at[0] == to))
                return true;
    return false;
}

static bool is_along_a_line(const char *text, size_t bytes)
{
    size_t steps = 0;
    for (size_t at = 1; at < bytes; at++)
        steps += is_step(lower(text[at - 1]), lower(text[at]));
    return bytes > 2 && 100 * steps >= PATTERN_PER_CENT * (bytes - 1);
}

unsigned phrase_guess(const char *text, size_t bytes)
{
    if (is_generated(text, bytes))
        return 0;
    size_t once = period(text, bytes);
    unsigned doubts = is_short(text, once) && once == bytes ? PHRASE_SHORT : 0;
    if (is_along_a_line(text, bytes) || (once < bytes && is_short(text, once)))
        doubts |= PHRASE_PATTERN;
    if (is_common(text, once))
        doubts |= PHRASE_COMMON;
    return doubts;
}
