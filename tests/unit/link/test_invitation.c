#include "lib/test.h"

#include <string.h>

#include "link/invitation.h"

#define BUCKET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SALT   "0123456789abcdef0123456789abcdef"
#define GOOD   "reunion-link:v1?server=https://example.org&bucket=" BUCKET "&salt=" SALT

static int parse(struct invitation *read, const char *text)
{
    return invitation_parse(read, text, strlen(text));
}

static void the_passphrase_may_go_another_way(void **state)
{
    (void)state;
    static struct invitation read;
    assert_int_equal(parse(&read, GOOD), 0);
    assert_string_equal(read.server, "https://example.org");
    assert_string_equal(read.passphrase, "");
    assert_int_equal(read.bucket[1], 0x11);
    assert_int_equal(read.salt[1], 0x23);
    assert_int_equal(parse(&read, GOOD "#two%20words"), 0);
    assert_string_equal(read.passphrase, "two words");
}

static void what_people_paste_is_taken(void **state)
{
    (void)state;
    static struct invitation read;
    static const char *const taken[] = {
        "  " GOOD "#x\n",
        GOOD "\r\n",
        GOOD "#!$'()*+,;=:@/?-._~",
        GOOD "#%c3%84",
        "reunion-link:v1?salt=" SALT "&bucket=" BUCKET "&server=s#x",
    };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        assert_int_equal(parse(&read, taken[i]), 0);
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "",
        " ",
        "https://example.org",
        "reunion-link",
        "Reunion-link:v1?server=s&bucket=" BUCKET "&salt=" SALT,
        "reunion-link:v1?",
        "reunion-link:v1?#x",
        "reunion-link:v1?bucket=" BUCKET "&salt=" SALT,
        "reunion-link:v1?server=&bucket=" BUCKET "&salt=" SALT,
        "reunion-link:v1?server=s&salt=" SALT,
        "reunion-link:v1?server=s&bucket=" BUCKET,
        "reunion-link:v1?server=s&bucket=" SALT "&salt=" SALT,
        "reunion-link:v1?server=s&bucket=" BUCKET "&salt=" BUCKET,
        "reunion-link:v1?server=s&bucket=" BUCKET "&salt=0123456789ABCDEF0123456789abcdef",
        GOOD "&",
        GOOD "&&",
        GOOD "&salt=" SALT,
        GOOD "&bucket=" BUCKET,
        GOOD "&server=s",
        GOOD "&color=red",
        GOOD "#",
        GOOD "#a b",
        GOOD "#a#b",
        GOOD "#a&b",
        GOOD "#%",
        GOOD "#%4",
        GOOD "#%4g",
        GOOD "#%00",
        GOOD "#\xc3\x84",
        GOOD "#\x7f",
    };
    static struct invitation read;
    strcpy(read.passphrase, "as before");
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        assert_int_equal(parse(&read, malformed[i]), -EBADMSG);
        assert_string_equal(read.passphrase, "as before");
    }
    assert_int_equal(parse(&read, "reunion-link:v2?server=s"), -ENOTSUP);
    assert_int_equal(invitation_parse(&read, GOOD "#a\0b", sizeof GOOD + 3), -EBADMSG);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static struct invitation read;
    static char text[INVITATION_TEXT_BYTES] = GOOD "#";
    size_t begin = strlen(text);
    memset(text + begin, 'x', INVITATION_PASSPHRASE_BYTES - 1);
    assert_int_equal(parse(&read, text), 0);
    assert_int_equal(strlen(read.passphrase), INVITATION_PASSPHRASE_BYTES - 1);
    text[begin + INVITATION_PASSPHRASE_BYTES - 1] = 'x';
    assert_int_equal(parse(&read, text), -EBADMSG);
}

/* Any bytes but zeros, and the longest of them. */
static void whatever_is_printed_reads_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    static struct invitation made, read;
    static char text[INVITATION_TEXT_BYTES];
    for (int round = 0; round < 2000; round++) {
        size_t server = round ? 1 + seeded_below(&seeded, 40) : INVITATION_SERVER_BYTES - 1;
        size_t passphrase = round ? seeded_below(&seeded, 40) : INVITATION_PASSPHRASE_BYTES - 1;
        memset(&made, 0, sizeof made);
        for (size_t i = 0; i < server; i++)
            made.server[i] = (char)(1 + seeded_below(&seeded, 255));
        for (size_t i = 0; i < passphrase; i++)
            made.passphrase[i] = (char)(1 + seeded_below(&seeded, 255));
        struct random_source source = seeded_source(&seeded);
        random_fill(&source, made.bucket, sizeof made.bucket);
        random_fill(&source, made.salt, sizeof made.salt);
        invitation_print(text, &made);
        assert_int_equal(parse(&read, text), 0);
        assert_string_equal(read.server, made.server);
        assert_string_equal(read.passphrase, made.passphrase);
        assert_memory_equal(read.bucket, made.bucket, sizeof made.bucket);
        assert_memory_equal(read.salt, made.salt, sizeof made.salt);
    }
}

static void cut_anywhere_it_is_refused_or_shorter(void **state)
{
    (void)state;
    static const char whole[] = GOOD "#words";
    static struct invitation read;
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        int err = invitation_parse(&read, whole, length);
        assert_true(err == 0 ? length >= sizeof GOOD - 1 && strlen(read.passphrase) < 5
                             : err == -EBADMSG || err == -ENOTSUP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_passphrase_may_go_another_way),
        cmocka_unit_test(what_people_paste_is_taken),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(whatever_is_printed_reads_back),
        cmocka_unit_test(cut_anywhere_it_is_refused_or_shorter),
    };
    return cmocka_run_group_tests_name("link/invitation", tests, NULL, NULL);
}
