/* What is said of passphrases: of those that look like others, and of those that anybody guesses.
 */
#include <string.h>

#include "base/secret.h"
#include "cli/generate.h"
#include "cli/phrase.h"
#include "lib/test.h"

struct example {
    const char *text;
    unsigned doubts;
};

static void check(const struct example *examples, size_t count,
                  unsigned (*of)(const char *text, size_t bytes))
{
    for (size_t i = 0; i < count; i++) {
        unsigned found = of(examples[i].text, strlen(examples[i].text));
        if (found != examples[i].doubts)
            print_error("example %zu: %x, not %x\n", i, found, examples[i].doubts);
        assert_int_equal(found, examples[i].doubts);
    }
}

#define CHECK(examples, of) check(examples, sizeof examples / sizeof *examples, of)

static void texts_that_look_alike(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"plain old ASCII, it's \"quoted\" - 100%", 0},
        {"Caf\u00e9 gr\u00f6\u00dfer", 0},
        {"Cafe\u0301", PHRASE_DECOMPOSED},
        {"\u212bngstr\u00f6m", PHRASE_DECOMPOSED}, /* the sign of the unit */
        {"x\u0302 is one way only", 0},            /* no composed form */
        {"a\u0323\u0302", PHRASE_DECOMPOSED},      /* two marks */
        {"\u1ead", 0},
        {"q\u0302\u0323", PHRASE_DECOMPOSED},      /* out of order */
        {"\u1112\u1161\u11ab", PHRASE_DECOMPOSED}, /* Hangul in parts */
        {"\ud55c\uae00", 0},
        {"\u304b\u3099", PHRASE_DECOMPOSED},
        {"\u09a8\u09be", 0}, /* Bengali, as it is written */
        {"\ufeffjelly", PHRASE_MARK},
        {"jel\ufeffly", PHRASE_UNSEEN},
        {" jelly", PHRASE_EDGE},
        {"jelly ", PHRASE_EDGE},
        {"jelly\r", PHRASE_EDGE | PHRASE_CONTROL},
        {"\tjelly", PHRASE_EDGE | PHRASE_CONTROL},
        {"jelly\u00a0", PHRASE_EDGE | PHRASE_BLANKS},
        {"jelly  donut", PHRASE_BLANKS},
        {"jelly\u00a0donut", PHRASE_BLANKS},
        {"jelly\u3000donut", PHRASE_BLANKS},
        {"jelly\u200bdonut", PHRASE_UNSEEN},
        {"jelly\u00addonut", PHRASE_UNSEEN},
        {"\u202ejelly", PHRASE_UNSEEN},
        {"jelly\x01", PHRASE_CONTROL},
        {"it\u2019s", PHRASE_QUOTES},
        {"\u201cjelly\u201d", PHRASE_QUOTES},
        {"jelly\u2013donut", PHRASE_DASHES},
        {"jelly\u2212donut", PHRASE_DASHES},
        {"\uff4aelly", PHRASE_FORMS},
        {"\ufb01sh", PHRASE_FORMS},
        {"jelly\u2026", PHRASE_FORMS},
        {"j\u0435lly", PHRASE_SCRIPTS},               /* a Cyrillic e */
        {"\u0440\u0430\u0441\u0435", PHRASE_SCRIPTS}, /* looks Latin, and is not */
        {"\u043f\u0440\u0438\u0432\u0435\u0442", 0},  /* a Cyrillic word */
        {"\u0432\u0441\u0442\u0440\u0435\u0447\u0430 \u0432 Berlin "
         "\u0437\u0430\u0432\u0442\u0440\u0430",
         0},
        {"\u03a9 und Zebra", 0},
        {"\u0432\u0441\u0442\u0440\u0435\u0447\u0430-Berlin", 0},
        {"\u0438\u0434\u0451\u043c \u0432 IKEA", 0}, /* a word of letters that all look alike */
        {"\u0432\u0441\u0442\u0440\u0435\u0447\u0430 \u0441 \u0434\u0440\u0443\u0433\u043e\u043c",
         0},
        {"\u0432\u0441\u0442\u0440\u0435\u0447\u0430 c \u0434\u0440\u0443\u0433\u043e\u043c",
         PHRASE_SCRIPTS}, /* a Latin c */
        {"my \u0440\u0430\u0441\u0435 is slow", PHRASE_SCRIPTS},
        {"\u0391 und Zebra", PHRASE_SCRIPTS}, /* a Greek alpha */
        {"Zebr\u0430 und Berlin", PHRASE_SCRIPTS},
        {"p0\u0430ss", PHRASE_SCRIPTS}, /* digits end no word */
        {"pa\u0441\u0301s", PHRASE_SCRIPTS},
        {"\u0440\u043e\u0442 and \u0434\u043e\u043c", 0},
        {"\U0001f468\u200d\U0001f469\u200d\U0001f467 at home", 0}, /* a family */
        {"I \u2764\ufe0f NY", 0},
        {"\U0001f3f3\ufe0f\u200d\U0001f308", 0}, /* a flag of colours */
        {"\U0001f44d\U0001f3fd", 0},             /* a tone of skin */
        {"\U0001f9d1\U0001f3fd\u200d\U0001f680", 0},
        {"1\ufe0f\u20e3 first", 0},
        {"\U0001f3f4\U000e0067\U000e0062\U000e007f", 0},         /* a flag with tags */
        {"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", 0}, /* Persian */
        {"\u0915\u094d\u200d\u0937", 0},                         /* Devanagari */
        {"\U0001f468\u200d", PHRASE_UNSEEN},
        {"\U0001f468\u200dx", PHRASE_UNSEEN},
        {"\U0001f468\u200d\u200d\U0001f469", PHRASE_UNSEEN},
        {"\U0001f468\u200c\U0001f469", PHRASE_UNSEEN},
        {"\u2764\ufe0f\ufe0f", PHRASE_UNSEEN},
        {"a\ufe0f", PHRASE_UNSEEN},
        {"jelly\u200ddonut", PHRASE_UNSEEN},
        {"\u0645\u06cc\u200c", PHRASE_UNSEEN},
        {"\u0645\u06cc\u200c x", PHRASE_UNSEEN},
        {"\u0645\u200c\u200c\u06cc", PHRASE_UNSEEN},
        {"\u0645\u200f\u06cc", PHRASE_UNSEEN},
        {"x\U000e0067", PHRASE_UNSEEN},
        {"caf\xe9", PHRASE_NOT_UTF8},
        {"", 0},
    };
    CHECK(examples, phrase_look);
    assert_int_equal(phrase_look("a\0b", 3), PHRASE_CONTROL);
    assert_int_equal(phrase_look("\xff\xfej\0", 4), PHRASE_NOT_UTF8);
}

static void texts_that_are_nearly_generated(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"bring-brisk-broccoli-broken-bronze-broom-brother-brown", 0},
        {"bring brisk broccoli broken bronze broom brother brown", PHRASE_RETYPED},
        {"Bring-Brisk-Broccoli-Broken-Bronze-Broom-Brother-Brown", PHRASE_RETYPED},
        {"bring\u2013brisk-broccoli-broken-bronze-broom-brother-brown", PHRASE_RETYPED},
        {"bring--brisk-broccoli-broken-bronze-broom-brother-brown", PHRASE_RETYPED},
        {"bring-brisk-broccoli-broken-bronze-broom-brother-brown-", PHRASE_RETYPED},
        {" bring-brisk-broccoli-broken-bronze-broom-brother-brown", PHRASE_RETYPED},
        {"bring, brisk, broccoli, broken, bronze, broom, brother, brown.", PHRASE_RETYPED},
        {"bring-brisk-brocoli-broken-bronze-broom-brother-brown", PHRASE_MISTYPED},
        {"bring-brisk-broccoli-broken-bronze-broom-brother", PHRASE_MISTYPED},
        {"bringbriskbroccolibrokenbronzebroombrotherbrown", PHRASE_RETYPED},
        {"BringBriskBroccoliBrokenBronzeBroomBrotherBrown", PHRASE_RETYPED},
        {"bring-brisk-broccoli-broken bronzebroom-brother-brown", PHRASE_RETYPED},
        {"bringbriskbrocolibrokenbronzebroombrotherbrown", PHRASE_MISTYPED},
        {"bringbriskbroccolibrokenbronzebroombrother", PHRASE_MISTYPED},
        {"bring brisk brocoli broken bronze broom brother brown", PHRASE_MISTYPED},
        {"bring brisk broccoli broken bronze broom brother", PHRASE_MISTYPED},
        {"Bring brisk broccoli broken bronze broom brother.", PHRASE_MISTYPED},
        {"bring brisk broccoli broken bronze broom the brother brown", PHRASE_MISTYPED},
        {"we all eat cold soup in the old kitchen", 0},
        {"somebody else ate the cold soup yesterday", 0},
        {"somebodyelseatethecoldsoupinthekitchenyesterday", 0},
        {"the-whole-thing-is-no-such-word-list", 0},
        {"jelly-donut", 0},
        {"", 0},
    };
    CHECK(examples, phrase_generated);
}

/* Nothing is to be said of any that is made here. */
static void a_generated_one_is_beyond_doubt(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (int i = 0; i < 200; i++) {
        struct secret_text made = {0};
        assert_int_equal(generate_passphrase(&made, &random), 0);
        assert_int_equal(phrase_doubts(made.text, made.bytes), 0);
        secret_text_clear(&made);
    }
}

static void texts_that_anybody_guesses(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"jelly", PHRASE_SHORT},
        {"butterfly", PHRASE_SHORT},
        {"butterfly1!", PHRASE_SHORT},
        {"24.12.1999", PHRASE_SHORT},
        {"I am a jelly donut", PHRASE_COMMON},
        {"avocado-brisk-canoe-lemon-orbit-piano-tiger-velvet", PHRASE_COMMON},
        {"i am a JELLY donut!", PHRASE_COMMON},
        {"Password123!!", PHRASE_COMMON},
        {"correct horse battery staple", PHRASE_COMMON},
        {"qwertyuiop12", PHRASE_PATTERN},
        {"asdfghjkl;'asdfghjkl;'", PHRASE_PATTERN},
        {"1qaz2wsx3edc4rfv", PHRASE_PATTERN},
        {"abcdefghijklmnop", PHRASE_PATTERN},
        {"0987654321987654", PHRASE_PATTERN},
        {"aaaaaaaaaaaaaaaaaaaa", PHRASE_PATTERN},
        {"jellyjellyjellyjelly", PHRASE_PATTERN},
        {"P@ssw0rd", PHRASE_COMMON},
        {"p4$$w0rd!!", PHRASE_COMMON},
        {"We1c0me2024", PHRASE_COMMON},
        {"!l0vey0u", PHRASE_COMMON},
        {"ich bin ein Berliner", PHRASE_COMMON},
        {"1q2w3e4r5t", PHRASE_PATTERN},
        {"0p9o8i7u6y", PHRASE_PATTERN},
        {"\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448\u0449\u0437", PHRASE_PATTERN},
        {"\u0424\u042b\u0412\u0410\u041f\u0440\u043e\u043b\u0434\u0436", PHRASE_PATTERN},
        {"\u03b1\u03c3\u03b4\u03c6\u03b3\u03b7\u03be\u03ba\u03bb", PHRASE_PATTERN},
        {"+49 (170) 8523-9641", PHRASE_PERSONAL},
        {"0049170 85239641", PHRASE_PERSONAL},
        {"jane.doe+x@mail.example.org", PHRASE_PERSONAL},
        {"9364027518365920471829", 0}, /* longer than any of a telephone */
        {"jane@home and under the sink", 0},
        {"two@signs@example.org", 0},
        {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", 0},
        {"nine green bottles under the sink", 0},
        {"\u0434\u0435\u0432\u044f\u0442\u044c \u0437\u0435\u043b\u0451\u043d\u044b\u0445", 0},
        {"kX9#vQ2!mZ", 0},
    };
    CHECK(examples, phrase_guess);
}

static void texts_with_nothing_in_them(void **state)
{
    (void)state;
    static const char *const blank[] = {"",        " ",      "   ",           "\n",
                                        "\t \r\n", "\u00a0", "\u200b\ufeff ", "\u3000"};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        assert_true(phrase_is_blank(blank[i], strlen(blank[i])));
    assert_false(phrase_is_blank(" x ", 3));
    assert_false(phrase_is_blank("\xff", 1));
}

/* Each doubt has a row of its own, and none holds what was found in the text. */
static void every_doubt_has_words(void **state)
{
    (void)state;
    unsigned all = 0;
    for (size_t i = 0; i < phrase_doubt_row_count; i++) {
        const struct phrase_doubt_row *row = &phrase_doubt_rows[i];
        assert_false(all & row->doubt);
        all |= row->doubt;
        assert_int_equal(strspn(row->word, "abcdefghijklmnopqrstuvwxyz8-"), strlen(row->word));
        assert_null(strchr(row->text, '%'));
    }
    assert_int_equal(all, 2 * PHRASE_KEYS - 1);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_look_alike),
        cmocka_unit_test(texts_that_are_nearly_generated),
        cmocka_unit_test(a_generated_one_is_beyond_doubt),
        cmocka_unit_test(texts_that_anybody_guesses),
        cmocka_unit_test(texts_with_nothing_in_them),
        cmocka_unit_test(every_doubt_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
