/* What is refused of a bucket of links, and in which words. */
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "lib/test.h"
#include "links/link_slots.h"

enum { HOUR_S = 3600, NOW_S = 1732248000, TOLERANCE_S = 300, SEQUENCE_MAX = 16 };

_Static_assert(NOW_S % HOUR_S == 0, "an hour begins");

static const struct bucket_bounds bounds = {.tolerance_s = TOLERANCE_S,
                                            .sequence_max = SEQUENCE_MAX};
static int64_t now_s = NOW_S;

/* A bucket as an honest server shows it, with room for more than it has. */
struct shown {
    uint8_t blobs[LINK_BUCKET_BYTES + LINK_BLOB_BYTES];
    struct link_slots slots;
    uint8_t bucket_hash[ID_BYTES];
};

static void show(struct shown *shown, uint64_t created, uint32_t sequence)
{
    random_fill(&random_system, shown->blobs, sizeof shown->blobs);
    shown->slots = (struct link_slots){.has_id = true,
                                       .id = {created, sequence, {0}},
                                       .blobs = shown->blobs,
                                       .bytes = LINK_BUCKET_BYTES};
    bucket_id_hash(shown->bucket_hash, &shown->slots.id, BUCKET_KIND_LINKS);
}

static void assert_word(const struct shown *shown, const char *word)
{
    struct refusal refusal = slots_check(&shown->slots, shown->bucket_hash, &bounds, now_s);
    if (!word) {
        assert_null(refusal.word);
        return;
    }
    assert_string_equal(refusal.word, word);
    assert_true(strlen(refusal.text) > 10);
}

/* A refusal says what to do. */
static void assert_advice(const struct shown *shown, const char *part)
{
    struct refusal refusal = slots_check(&shown->slots, shown->bucket_hash, &bounds, now_s);
    assert_non_null(strstr(refusal.text, part));
}

static void an_id_is_checked_at_its_bounds(void **state)
{
    (void)state;
    struct shown shown;
    show(&shown, NOW_S, SEQUENCE_MAX);
    now_s = NOW_S - TOLERANCE_S;
    assert_word(&shown, NULL);
    now_s--;
    assert_word(&shown, "bucket-future");
    now_s = NOW_S;
    show(&shown, NOW_S - 1, 0);
    assert_word(&shown, "bucket-grid");
    assert_advice(&shown, "Ask whoever made it for a new one");
    show(&shown, UINT64_MAX, 0);
    assert_word(&shown, "bucket-future");
    show(&shown, NOW_S, SEQUENCE_MAX + 1);
    assert_word(&shown, "bucket-sequence");
    assert_advice(&shown, "--max-sequence");
    show(&shown, 0, 0); /* an old one can be read as long as the server has it */
    assert_word(&shown, NULL);
}

static void a_hash_is_of_the_id_and_the_kind(void **state)
{
    (void)state;
    struct shown shown;
    show(&shown, NOW_S, 0);
    for (size_t i = 0; i < ID_BYTES; i++) {
        shown.bucket_hash[i] ^= 1;
        assert_word(&shown, "bucket-link");
        shown.bucket_hash[i] ^= 1;
    }
    assert_word(&shown, NULL);
    bucket_id_hash(shown.bucket_hash, &shown.slots.id, BUCKET_KIND_RENDEZVOUS);
    assert_word(&shown, "bucket-link");
    show(&shown, NOW_S, 0);
    shown.slots.has_id = false;
    assert_word(&shown, "bucket-id");
}

static void all_slots_are_shown_and_no_more(void **state)
{
    (void)state;
    static const size_t wrong[] = {0,
                                   1,
                                   LINK_BUCKET_BYTES - LINK_BLOB_BYTES,
                                   LINK_BUCKET_BYTES - 1,
                                   LINK_BUCKET_BYTES + 1,
                                   LINK_BUCKET_BYTES + LINK_BLOB_BYTES};
    struct shown shown;
    show(&shown, NOW_S, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        shown.slots.bytes = wrong[i];
        assert_word(&shown, "bucket-size");
    }
}

/* Whichever two places they are; and one bit makes them different. */
static void no_entry_stands_twice(void **state)
{
    (void)state;
    struct shown shown;
    for (size_t i = 0; i < LINK_SLOTS; i++)
        for (size_t j = 0; j < i; j++) {
            show(&shown, NOW_S, 0);
            uint8_t *twin = shown.blobs + i * LINK_BLOB_BYTES;
            memcpy(twin, shown.blobs + j * LINK_BLOB_BYTES, LINK_BLOB_BYTES);
            assert_word(&shown, "entry-repeated");
            assert_int_equal(slots_count(&shown.slots, twin), 2);
            twin[LINK_BLOB_BYTES - 1] ^= 0x80;
            assert_word(&shown, NULL);
            assert_int_equal(slots_count(&shown.slots, twin), 1);
        }
    uint8_t nowhere[LINK_BLOB_BYTES];
    random_fill(&random_system, nowhere, sizeof nowhere);
    assert_int_equal(slots_count(&shown.slots, nowhere), 0);
}

static struct link_bucket a_bucket(uint64_t created, uint32_t sequence)
{
    struct link_bucket bucket = {.id = {created, sequence, {0}}};
    bucket_id_hash(bucket.bucket_hash, &bucket.id, BUCKET_KIND_LINKS);
    return bucket;
}

static const char *posted_word(uint64_t created, int64_t asked_s)
{
    struct link_bucket bucket = a_bucket(created, 0);
    return slots_check_posted(&bucket, &bounds, asked_s, asked_s).word;
}

static void a_posted_links_bucket_is_of_the_hour_that_is_now(void **state)
{
    (void)state;
    assert_null(posted_word(NOW_S, NOW_S));
    assert_null(posted_word(NOW_S, NOW_S + HOUR_S + TOLERANCE_S));
    assert_string_equal(posted_word(NOW_S, NOW_S + HOUR_S + TOLERANCE_S + 1), "bucket-old");
    assert_string_equal(posted_word(NOW_S, NOW_S - TOLERANCE_S - 1), "bucket-future");
    assert_string_equal(posted_word(NOW_S + 1, NOW_S), "bucket-grid");
}

static void asked_again_it_is_the_same(void **state)
{
    struct link_bucket posted = a_bucket(NOW_S, 3), same = a_bucket(NOW_S, 3);
    struct link_bucket next = a_bucket(NOW_S, 4), other = a_bucket(NOW_S, 2);
    (void)state;
    assert_null(slots_check_current(&posted, &same).word);
    assert_null(slots_check_current(&posted, &next).word);
    assert_string_equal(slots_check_current(&posted, &other).word, "bucket-not-current");
    next.bucket_hash[0] ^= 1;
    assert_string_equal(slots_check_current(&posted, &next).word, "bucket-link");
    /* With none that is open the hour has to be over. */
    assert_null(slots_check_none(&posted, &bounds, NOW_S + HOUR_S - TOLERANCE_S).word);
    assert_string_equal(slots_check_none(&posted, &bounds, NOW_S + HOUR_S - TOLERANCE_S - 1).word,
                        "bucket-not-current");
    assert_string_equal(slots_check_none(&posted, &bounds, -5).word, "bucket-not-current");
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_checked_at_its_bounds),
        cmocka_unit_test(a_hash_is_of_the_id_and_the_kind),
        cmocka_unit_test(all_slots_are_shown_and_no_more),
        cmocka_unit_test(no_entry_stands_twice),
        cmocka_unit_test(a_posted_links_bucket_is_of_the_hour_that_is_now),
        cmocka_unit_test(asked_again_it_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
