#include "lib/test.h"

#include <string.h>

#include "people.h"

static struct group_part text_part(uint32_t epoch, const char *text)
{
    struct group_part part = {.type = GROUP_TEXT, .epoch = epoch, .number = 5, .time_s = 9};
    part.parts = 1;
    part.bytes = (uint16_t)strlen(text);
    memcpy(part.text, text, part.bytes);
    return part;
}

static void a_copy_opens_for_its_key_alone(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people, others;
    struct group_opened opened;
    uint8_t copy[GROUP_COPY_BYTES];
    people_make(&people, 3, 7, &random);
    people_make(&others, 3, 7, &random);
    struct group_part part = text_part(7, "hello");
    people_copy(copy, &people.key, people.seeds[1], &part, &random);
    assert_int_equal(group_copy_open(&opened, &people.key, copy), 0);
    assert_int_equal(group_opened_check(&opened), 0);
    assert_memory_equal(opened.author, people.members[1], GROUP_MEMBER_BYTES);
    assert_memory_equal(&opened.part, &part, sizeof part);
    assert_int_equal(group_copy_open(&opened, &others.key, copy), -EBADMSG);
}

static void every_altered_byte_is_noticed(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    struct group_opened opened;
    uint8_t copy[GROUP_COPY_BYTES];
    people_make(&people, 2, 7, &random);
    struct group_part part = text_part(7, "hello");
    people_copy(copy, &people.key, people.seeds[0], &part, &random);
    for (size_t i = 0; i < sizeof copy; i++) {
        uint8_t bit = (uint8_t)(1 << seeded_below(&seeded, 8));
        copy[i] ^= bit;
        assert_int_equal(group_copy_open(&opened, &people.key, copy), -EBADMSG);
        copy[i] ^= bit;
    }
    assert_int_equal(group_copy_open(&opened, &people.key, copy), 0);
}

/* Signed by somebody else, for other members, or for another epoch: opened, and not taken. */
static void what_does_not_hold_is_not_taken(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people, strangers;
    static struct group_key altered;
    struct group_opened opened;
    uint8_t copy[GROUP_COPY_BYTES];
    people_make(&people, 3, 7, &random);
    people_make(&strangers, 1, 7, &random);
    struct group_part part = text_part(7, "hello");
    people_copy(copy, &people.key, strangers.seeds[0], &part, &random);
    assert_int_equal(group_copy_open(&opened, &people.key, copy), 0);
    assert_false(opened.is_member);
    assert_int_equal(group_opened_check(&opened), -EACCES);

    assert_int_equal(group_key_make(&altered, people.key.secret_key, 7, people.members[0], 2), 0);
    people_copy(copy, &altered, people.seeds[0], &part, &random);
    assert_int_equal(group_copy_open(&opened, &people.key, copy), 0);
    assert_true(opened.is_member && !opened.is_signed);
    assert_int_equal(group_opened_check(&opened), -EACCES);

    altered = people.key;
    altered.epoch = part.epoch = 8;
    people_copy(copy, &altered, people.seeds[0], &part, &random);
    assert_int_equal(group_copy_open(&opened, &people.key, copy), 0);
    assert_true(opened.is_signed && !opened.is_of_epoch);
    assert_int_equal(group_opened_check(&opened), -EBADMSG);
}

static void bodies_have_bounds(void **state)
{
    (void)state;
    static const struct {
        uint8_t part, parts;
        uint16_t bytes;
        int err;
    } cases[] = {
        {0, 1, 0, 0},       {0, 1, 295, 0},         {63, 64, 1, 0},        {0, 1, 296, -EINVAL},
        {0, 0, 0, -EINVAL}, {1, 1, 0, -EINVAL},     {0, 65, 295, -EINVAL}, {64, 64, 0, -EINVAL},
        {0, 2, 295, 0},     {0, 1, 65535, -EINVAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t body[GROUP_BODY_BYTES], forced[GROUP_BODY_BYTES] = {GROUP_TEXT};
        struct group_part read, part = {.type = GROUP_TEXT};
        part.part = cases[i].part;
        part.parts = cases[i].parts;
        part.bytes = cases[i].bytes;
        assert_int_equal(group_body_write(body, &part), cases[i].err);
        forced[21] = cases[i].part;
        forced[22] = cases[i].parts;
        forced[23] = (uint8_t)(cases[i].bytes >> 8);
        forced[24] = (uint8_t)cases[i].bytes;
        assert_int_equal(group_body_read(&read, forced), cases[i].err ? -EBADMSG : 0);
        forced[GROUP_BODY_BYTES - 1] ^= cases[i].bytes < 295; /* zeros, which are not looked at */
        assert_int_equal(group_body_read(&read, forced), cases[i].err ? -EBADMSG : 0);
    }
}

/* Two copies of one message have nothing in common that shows it. */
static void copies_of_one_message_are_not_alike(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    static struct people people;
    uint8_t t[GROUP_BLIND_BYTES] = {1}, ephemeral[GROUP_KEY_BYTES], copies[2][GROUP_COPY_BYTES];
    uint8_t ids[2 * GROUP_MAILBOX_ID_BYTES] = {0};
    struct group_division division = {.server_public = {9}};
    struct group_part part = text_part(7, "hello");
    people_make(&people, 3, 7, &random);
    random_fill(&random, ephemeral, sizeof ephemeral);
    group_blinded(division.blinded, &people.key, t);
    assert_int_equal(
        group_message_make(division.message, &people.key, people.seeds[0], t, ephemeral, &part), 0);
    assert_int_equal(group_division_address(&division, &people.key, t, ids, 2, &random), 0);
    for (size_t i = 0; i < 2; i++) {
        random_fill(&random, ephemeral, sizeof ephemeral);
        assert_int_equal(group_copy_make(copies[i], &division, i, ephemeral), 0);
    }
    for (size_t i = 0; i + 8 <= GROUP_COPY_BYTES; i++)
        assert_null(memmem(copies[1], GROUP_COPY_BYTES, copies[0] + i, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_opens_for_its_key_alone),
        cmocka_unit_test(every_altered_byte_is_noticed),
        cmocka_unit_test(what_does_not_hold_is_not_taken),
        cmocka_unit_test(bodies_have_bounds),
        cmocka_unit_test(copies_of_one_message_are_not_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
