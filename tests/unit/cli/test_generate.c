/* Generated passphrases: what they are made of, and how much there is to guess. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/generate.h"
#include "cli/word_list.h"
#include "lib/test.h"

static void the_list_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORD_LIST_COUNT; i++) {
        assert_in_range(strnlen(word_list[i], WORD_LIST_BYTES), 3, WORD_LIST_BYTES - 1);
        for (const char *letter = word_list[i]; *letter; letter++)
            assert_true(islower((unsigned char)*letter));
        /* Sorted, so all are different; four letters tell which is meant. */
        if (i > 0) {
            assert_true(strcmp(word_list[i - 1], word_list[i]) < 0);
            assert_true(strncmp(word_list[i - 1], word_list[i], 4) != 0);
        }
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The words' numbers. */
static void take_apart(const struct secret_text *passphrase, size_t number[static GENERATE_WORDS])
{
    char text[GENERATE_WORDS * WORD_LIST_BYTES + 1] = "";
    assert_in_range(passphrase->bytes, 1, sizeof text - 1);
    memcpy(text, passphrase->text, passphrase->bytes);
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, "-", &rest); word; word = strtok_r(NULL, "-", &rest)) {
        const char(*found)[WORD_LIST_BYTES] =
            bsearch(word, word_list, WORD_LIST_COUNT, WORD_LIST_BYTES, compare);
        assert_non_null(found);
        assert_in_range(count, 0, GENERATE_WORDS - 1);
        number[count++] = (size_t)(found - word_list);
    }
    assert_int_equal(count, GENERATE_WORDS);
}

static void there_are_80_bits_and_more(void **state)
{
    (void)state;
    double bits = GENERATE_WORDS * log2(WORD_LIST_COUNT);
    print_message("%.1f bits\n", bits);
    assert_true(bits >= 80);
}

/* Every word comes in every place, about as often as any other: chi-squared over words, summed over
 * places, is within six standard deviations of what chance gives. */
static void words_are_drawn_evenly(void **state)
{
    (void)state;
    enum { ROUNDS = 4000 };
    static size_t seen[WORD_LIST_COUNT];
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    size_t different = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct secret_text passphrase = {0};
        size_t number[GENERATE_WORDS];
        assert_int_equal(generate_passphrase(&passphrase, &random), 0);
        take_apart(&passphrase, number);
        for (int i = 0; i < GENERATE_WORDS; i++) {
            seen[number[i]]++;
            different += i > 0 && number[i] != number[i - 1];
        }
        secret_text_clear(&passphrase);
    }
    double expected = (double)ROUNDS * GENERATE_WORDS / WORD_LIST_COUNT, chi = 0;
    for (size_t i = 0; i < WORD_LIST_COUNT; i++)
        chi += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
    double freedom = WORD_LIST_COUNT - 1;
    assert_true(fabs(chi - freedom) < 6 * sqrt(2 * freedom));
    /* Neighbours are the same one time in 2048. */
    assert_true(different > ROUNDS * (GENERATE_WORDS - 1) * 99 / 100);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_sound),
        cmocka_unit_test(there_are_80_bits_and_more),
        cmocka_unit_test(words_are_drawn_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
