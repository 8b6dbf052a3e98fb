#include "cli/phrase.h"

const struct phrase_doubt_row phrase_doubt_rows[] = {
    {PHRASE_NOT_UTF8, "not-utf8",
     "the passphrase is not UTF-8: typed elsewhere it has other bytes, and you do not meet"},
    {PHRASE_MARK, "byte-order-mark",
     "the passphrase begins with a byte order mark, as some editors put it into files; it counts, "
     "and somebody who types the passphrase does not have it"},
    {PHRASE_EDGE, "outer-blank",
     "the passphrase has a blank, a tab or a carriage return at its beginning or end; it counts, "
     "and others may not have it"},
    {PHRASE_BLANKS, "blanks",
     "the passphrase has several blanks in a row, or another blank than the space bar's; others "
     "need the very same"},
    {PHRASE_CONTROL, "control",
     "the passphrase has a tab or another control character; others may have none"},
    {PHRASE_UNSEEN, "unseen",
     "the passphrase has characters that nobody sees (of no width, or of direction); others may "
     "not have them"},
    {PHRASE_DECOMPOSED, "decomposed",
     "the passphrase has letters in another form than keyboards give (it is not in Unicode's "
     "normalization form C: an accent may be a character of its own); it looks the same as another "
     "passphrase, and those who type that one do not meet you"},
    {PHRASE_QUOTES, "quotes",
     "the passphrase has quotation marks or apostrophes other than ' and \"; they look like "
     "others"},
    {PHRASE_DASHES, "dashes", "the passphrase has a dash other than -; it looks like others"},
    {PHRASE_FORMS, "forms",
     "the passphrase has characters that are forms of others (full width, ligatures, small "
     "figures); they look like those"},
    {PHRASE_SCRIPTS, "scripts",
     "the passphrase has letters that look like those of another script (Latin, Greek, Cyrillic); "
     "somebody who types it may use those"},
    {PHRASE_RETYPED, "generated-otherwise",
     "the passphrase looks like a generated one in another spelling: those have small letters and "
     "one - between words, nothing else"},
    {PHRASE_MISTYPED, "generated-mistyped",
     "the passphrase looks like a generated one with a slip: those have eight words, all of the "
     "list that is used for it, and one - between them"},
    {PHRASE_SHORT, "guess-short", "somebody else may guess the passphrase: it is short"},
    {PHRASE_COMMON, "guess-common",
     "somebody else may guess the passphrase: it is one that many people use, or an example"},
    {PHRASE_PATTERN, "guess-pattern",
     "somebody else may guess the passphrase: it repeats itself, or follows the keyboard or the "
     "alphabet"},
    {PHRASE_PERSONAL, "guess-personal",
     "somebody else may guess the passphrase: it looks like a telephone number, a date or a mail "
     "address"},
    {PHRASE_KEYS, "keys",
     "keys that are no text, such as arrows, were pressed; they are left out, and the cursor did "
     "not move"},
};
const size_t phrase_doubt_row_count = sizeof phrase_doubt_rows / sizeof *phrase_doubt_rows;

unsigned phrase_doubts(const char *text, size_t bytes)
{
    return phrase_look(text, bytes) | phrase_generated(text, bytes) | phrase_guess(text, bytes);
}
