#include "cli/phrase.h"

#include <stdint.h>
#include <string.h>

#include "base/secret.h"
#include "cli/generate.h"
#include "cli/word_list.h"

enum {
    KNOWN_WORDS_MIN = 5, /* that many between hyphens, and it is one with a slip */
    PARTS_MAX = 2 * GENERATE_WORDS,
    LETTERS_MAX = GENERATE_WORDS * WORD_LIST_BYTES, /* no generated one has as many */
    SLIP_LETTERS_MAX = 10,                          /* of a word that is no word any more */
};

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool is_letter(char character)
{
    return lower(character) >= 'a' && lower(character) <= 'z';
}

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

/* The letters of a text, and in how many words of the list those up to a place, and those from it
 * on, divide: a bit for each number. */
struct run {
    char letters[LETTERS_MAX];
    size_t count; /* 0 also where there are too many */
    uint32_t before[LETTERS_MAX + 1], behind[LETTERS_MAX + 1];
};

static void take_letters(struct run *run, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++) {
        if (!is_letter(text[at]))
            continue;
        if (run->count == LETTERS_MAX) {
            run->count = 0;
            return;
        }
        run->letters[run->count++] = lower(text[at]);
    }
}

static void divide_run(struct run *run)
{
    size_t count = run->count;
    run->before[0] = run->behind[count] = 1;
    for (size_t end = 1; end <= count; end++)
        for (size_t length = 1; length <= end && length < WORD_LIST_BYTES; length++) {
            if (run->before[end - length] != 0 && is_listed(run->letters + end - length, length))
                run->before[end] |= run->before[end - length] << 1;
        }
    for (size_t begin = count; begin-- > 0;)
        for (size_t length = 1; begin + length <= count && length < WORD_LIST_BYTES; length++) {
            if (run->behind[begin + length] != 0 && is_listed(run->letters + begin, length))
                run->behind[begin] |= run->behind[begin + length] << 1;
        }
}

static bool divides_into(const struct run *run, size_t words)
{
    return run->count > 0 && (run->before[run->count] >> words & 1);
}

/* Whether all words but one are of the list, and something short is in the place of that one. */
static bool has_one_slip(const struct run *run)
{
    for (size_t begin = 0; begin <= run->count; begin++)
        for (size_t end = begin; end <= run->count && end - begin <= SLIP_LETTERS_MAX; end++)
            for (size_t words = 0; words < GENERATE_WORDS; words++)
                if ((run->before[begin] >> words & 1) &&
                    (run->behind[end] >> (GENERATE_WORDS - 1 - words) & 1))
                    return true;
    return false;
}

enum likeness { LIKE_NONE, LIKE_NEARLY, LIKE_WHOLE };

/* How near a text is to a generated one, whatever stands between its letters: nothing is there
 * where the hyphens were left out. */
static enum likeness likeness_of_run(const char *text, size_t bytes, bool one_word)
{
    struct run run = {.count = 0};
    enum likeness likeness = LIKE_NONE;
    take_letters(&run, text, bytes);
    if (run.count > 0) {
        divide_run(&run);
        if (divides_into(&run, GENERATE_WORDS))
            likeness = LIKE_WHOLE;
        else if (one_word && has_one_slip(&run))
            likeness = LIKE_NEARLY;
    }
    secret_wipe(&run, sizeof run);
    return likeness;
}

static bool is_near(const struct parts *parts, const char *text, size_t bytes)
{
    bool near = parts->words + 1 >= GENERATE_WORDS && parts->words <= GENERATE_WORDS + 1;
    bool hyphens = bytes > 0 && memchr(text, '-', bytes) != NULL;
    /* Between blanks ordinary words are more common. */
    size_t wanted = hyphens ? KNOWN_WORDS_MIN : GENERATE_WORDS - 1;
    return near && parts->listed >= wanted;
}

unsigned phrase_generated(const char *text, size_t bytes)
{
    struct parts parts = divide(text, bytes);
    if (parts.words == GENERATE_WORDS && parts.listed == GENERATE_WORDS)
        return parts.exact ? 0 : PHRASE_RETYPED;
    enum likeness likeness = likeness_of_run(text, bytes, parts.words == 1);
    if (likeness == LIKE_WHOLE)
        return PHRASE_RETYPED;
    return likeness == LIKE_NEARLY || is_near(&parts, text, bytes) ? PHRASE_MISTYPED : 0;
}

bool phrase_is_generated(const char *text, size_t bytes)
{
    struct parts parts = divide(text, bytes);
    return (parts.words == GENERATE_WORDS && parts.listed == GENERATE_WORDS) ||
           likeness_of_run(text, bytes, false) == LIKE_WHOLE;
}
