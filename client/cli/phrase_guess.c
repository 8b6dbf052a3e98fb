#include "cli/phrase.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <uchar.h>

#include "base/secret.h"
#include "cli/utf8.h"

enum {
    SHORT_CHARACTERS = 8,   /* fewer are few */
    SHORT_OF_ONE_KIND = 12, /* fewer digits, or letters of one word, are few */
    FOLDED_BYTES_MAX = 48,  /* what is longer is in no list */
    PATTERN_PER_CENT = 80,  /* of steps along a line */
    NUMBER_DIGITS_MAX = 15, /* the longest of a telephone */
};

/* Passphrases that lists of common ones begin with, and those of our own examples, in small letters
 * and digits alone, without digits at the end. */
static const char *const common[] = {
    "abracadabra",
    "abretesesamo",
    "admin",
    "administrator",
    "alohomora",
    "asdf",
    "avocadobriskcanoelemonorbitpianotigervelvet",
    "bailey",
    "baseball",
    "basketball",
    "batman",
    "charlie",
    "changeme",
    "computer",
    "contrasena",
    "correcthorsebatterystaple",
    "default",
    "donald",
    "dragon",
    "football",
    "freedom",
    "friend",
    "guest",
    "hallo",
    "hello",
    "hellothere",
    "helloworld",
    "hunter",
    "iamajellydonut",
    "iambatman",
    "ichbineinberliner",
    "ihaveadream",
    "iloveu",
    "iloveyou",
    "internet",
    "jellydonut",
    "jennifer",
    "jordan",
    "kennwort",
    "letmein",
    "login",
    "loveyou",
    "master",
    "maytheforcebewithyou",
    "meeting",
    "michael",
    "monkey",
    "motdepasse",
    "mustang",
    "mypassphrase",
    "mypassword",
    "ninja",
    "opensesame",
    "openthedoor",
    "openup",
    "passphrase",
    "password",
    "passwort",
    "pokemon",
    "princess",
    "qwerty",
    "rendezvous",
    "reunion",
    "root",
    "secret",
    "sesame",
    "sesamoeffnedich",
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

/* Lines that fingers and thoughts go along, forth and back; of keyboards of several countries. */
static const char32_t *const lines[] = {
    U"01234567890",
    U"abcdefghijklmnopqrstuvwxyz",
    U"qwertyuiop[]",
    U"qwertzuiop",
    U"azertyuiop",
    U"asdfghjkl;'",
    U"zxcvbnm,./",
    U"yxcvbnm",
    U"wxcvbn",
    U"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    U"1q2w3e4r5t6y7u8i9o0p",
    U"q1w2e3r4t5y6u7i8o9p0",
    U"!@#$%^&*()_+",
    U"\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448\u0449\u0437\u0445\u044a",
    U"\u0449\u0437\u0445\u0457",
    U"\u0444\u044b\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u044d",
    U"\u0444\u0456\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u0454",
    U"\u044f\u0447\u0441\u043c\u0438\u0442\u044c\u0431\u044e",
    (U"\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u0439\u043a\u043b\u043c\u043d\u043e"
     U"\u043f\u0440\u0441\u0442\u0443\u0444\u0445\u0446\u0447\u0448\u0449"),
    U"\u03c2\u03b5\u03c1\u03c4\u03c5\u03b8\u03b9\u03bf\u03c0",
    U"\u03b1\u03c3\u03b4\u03c6\u03b3\u03b7\u03be\u03ba\u03bb",
    U"\u03b6\u03c7\u03c8\u03c9\u03b2\u03bd\u03bc",
    (U"\u03b1\u03b2\u03b3\u03b4\u03b5\u03b6\u03b7\u03b8\u03b9\u03ba\u03bb\u03bc"
     U"\u03bd\u03be\u03bf\u03c0\u03c1\u03c3\u03c4\u03c5\u03c6\u03c7\u03c8\u03c9"),
};

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool is_letter(char character)
{
    return lower(character) >= 'a' && lower(character) <= 'z';
}

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

/* Small letters and digits alone, without digits at the end. Returns: their number; 0 also where
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

static bool is_listed(const char *folded, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < sizeof common / sizeof *common && count > 0; i++)
        found = found || (strlen(common[i]) == count && memcmp(common[i], folded, count) == 0);
    return found;
}

/* The letter that a digit or a sign is often put in the place of; `one` is that of 1 and !. */
static char letter_of(char character, char one)
{
    static const char signs[] = "@4$5037", letters[] = "aassoet";
    const char *at = character ? strchr(signs, character) : NULL;
    if (at)
        return letters[at - signs];
    return character == '1' || character == '!' ? one : character;
}

/* The same text with letters in the place of digits and signs, those at its end left out. */
static size_t fold_signs(char folded[static FOLDED_BYTES_MAX], const char *text, size_t bytes,
                         char one)
{
    char plain[FOLDED_BYTES_MAX];
    while (bytes > 0 && !is_letter(text[bytes - 1]))
        bytes--;
    if (bytes > sizeof plain)
        return 0;
    for (size_t at = 0; at < bytes; at++)
        plain[at] = letter_of(text[at], one);
    size_t count = fold(folded, plain, bytes);
    secret_wipe(plain, sizeof plain);
    return count;
}

static bool is_common(const char *text, size_t bytes)
{
    char folded[FOLDED_BYTES_MAX];
    bool found = is_listed(folded, fold(folded, text, bytes)) ||
                 is_listed(folded, fold_signs(folded, text, bytes, 'i')) ||
                 is_listed(folded, fold_signs(folded, text, bytes, 'l'));
    secret_wipe(folded, sizeof folded);
    return found;
}

static bool is_step(char32_t from, char32_t to)
{
    if (from == to)
        return true;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (const char32_t *at = lines[i]; at[1]; at++)
            if ((at[0] == from && at[1] == to) || (at[1] == from && at[0] == to))
                return true;
    return false;
}

/* Of Latin, Greek and Cyrillic, without accents. */
static char32_t small(uint32_t character)
{
    bool latin = character >= 'A' && character <= 'Z';
    bool greek = character >= 0x391 && character <= 0x3a9;
    bool cyrillic = character >= 0x410 && character <= 0x42f;
    return latin || greek || cyrillic ? character + 0x20 : character;
}

static bool is_along_a_line(const char *text, size_t bytes)
{
    size_t steps = 0, characters = 0;
    uint32_t character = 0;
    char32_t before = 0;
    for (size_t at = 0, taken; at < bytes; at += taken, characters++) {
        taken = utf8_next(&character, (const uint8_t *)text + at, bytes - at);
        if (taken == 0) {
            character = 0x110000 + (uint8_t)text[at]; /* no character */
            taken = 1;
        }
        steps += characters > 0 && is_step(before, small(character));
        before = small(character);
    }
    secret_wipe(&character, sizeof character);
    secret_wipe(&before, sizeof before);
    return characters > 2 && 100 * steps >= PATTERN_PER_CENT * (characters - 1);
}

/* Of a telephone, an account, a day: digits, and what stands between them. */
static bool is_number(const char *text, size_t bytes)
{
    size_t digits = 0;
    for (size_t at = 0; at < bytes; at++) {
        bool digit = isdigit((unsigned char)text[at]) != 0;
        if (!digit && (text[at] == '\0' || !strchr(" +-./:()", text[at])))
            return false;
        digits += digit;
    }
    return digits > 0 && digits <= NUMBER_DIGITS_MAX;
}

static bool is_of(const char *text, size_t bytes, const char *others)
{
    for (size_t at = 0; at < bytes; at++)
        if (!is_letter(text[at]) && !isdigit((unsigned char)text[at]) &&
            (text[at] == '\0' || !strchr(others, text[at])))
            return false;
    return bytes > 0;
}

/* NAME@HOST.DOMAIN */
static bool is_mail_address(const char *text, size_t bytes)
{
    const char *host = bytes > 0 ? memchr(text, '@', bytes) : NULL;
    if (!host)
        return false;
    size_t name = (size_t)(host - text), rest = bytes - name - 1;
    host++;
    return is_of(text, name, "._+-") && is_of(host, rest, ".-") &&
           memchr(host, '.', rest) != NULL && is_letter(host[rest - 1]);
}

unsigned phrase_guess(const char *text, size_t bytes)
{
    if (phrase_is_generated(text, bytes))
        return is_common(text, bytes) ? PHRASE_COMMON : 0; /* the documents' example */
    size_t once = period(text, bytes);
    unsigned doubts = is_short(text, once) && once == bytes ? PHRASE_SHORT : 0;
    if (is_along_a_line(text, bytes) || (once < bytes && is_short(text, once)))
        doubts |= PHRASE_PATTERN;
    if (is_common(text, once))
        doubts |= PHRASE_COMMON;
    if (doubts == 0 && (is_number(text, bytes) || is_mail_address(text, bytes)))
        doubts |= PHRASE_PERSONAL;
    return doubts;
}
