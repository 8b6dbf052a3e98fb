#include <string.h>

#include "base/secret.h"
#include "box/key_cache.h"
#include "lib/allocation.h"
#include "lib/test.h"

enum { IDLE_MAX = 3, SESSIONS = 6 };

static struct key_cache cache;
static uint8_t server_public[BOX_KEY_BYTES], server_secret[BOX_KEY_BYTES];
static struct box_packet_key sessions[SESSIONS];

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(secret_init(), 0);
    box_pair(server_public, server_secret, &random_system);
    for (size_t i = 0; i < SESSIONS; i++)
        assert_int_equal(box_packet_key_make(&sessions[i], server_public, &random_system), 0);
    assert_int_equal(key_cache_init(&cache, IDLE_MAX, &random_system), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    key_cache_free(&cache);
    return 0;
}

static struct cached_key *find(size_t i)
{
    return key_cache_find(&cache, sessions[i].client_session);
}

static struct cached_key *add(size_t i)
{
    struct cached_key *made;
    assert_int_equal(key_cache_make(&cache, server_secret, sessions[i].client_session, &made), 0);
    key_cache_add(&cache, made);
    return made;
}

static void use_once(size_t i)
{
    struct cached_key *key = find(i);
    key_cache_release(&cache, key ? key : add(i));
}

/* Look without using: it is the one that was used last, afterwards. */
static bool is_kept(size_t i)
{
    struct cached_key *key = find(i);
    if (key)
        key_cache_release(&cache, key);
    return key;
}

static void a_key_is_that_of_its_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < IDLE_MAX; i++)
        use_once(i);
    for (size_t i = 0; i < IDLE_MAX; i++) {
        struct cached_key *key = find(i);
        assert_non_null(key);
        assert_memory_equal(key->key, &sessions[i], sizeof sessions[i]);
        key_cache_release(&cache, key);
    }
    assert_null(find(IDLE_MAX));
}

static void the_one_that_was_used_least_recently_goes(void **state)
{
    (void)state;
    use_once(0);
    use_once(1);
    use_once(2);
    use_once(0);
    use_once(3);
    assert_false(is_kept(1));
    assert_true(is_kept(0) && is_kept(2) && is_kept(3));
}

static void one_in_use_stays(void **state)
{
    (void)state;
    struct cached_key *held = add(0);
    key_cache_hold(&cache, held);
    for (size_t i = 1; i < SESSIONS; i++)
        use_once(i);
    assert_ptr_equal(find(0), held);
    for (int i = 0; i < 3; i++)
        key_cache_release(&cache, held);
    assert_true(is_kept(0));
    assert_false(is_kept(3));
}

static void what_did_not_open_leaves_nothing(void **state)
{
    (void)state;
    static const uint8_t small_order[BOX_KEY_BYTES];
    struct cached_key *made;
    assert_int_equal(key_cache_make(&cache, server_secret, small_order, &made), -EBADMSG);
    assert_int_equal(key_cache_make(&cache, server_secret, sessions[0].client_session, &made), 0);
    key_cache_discard(&cache, made);
    assert_null(find(0));
    assert_int_equal(cache.idle_count, 0);
}

static void without_memory_there_is_no_key(void **state)
{
    (void)state;
    struct cached_key *made;
    size_t which = 0;
    for (bool failed = true; failed; which++) {
        allocation_fail(which);
        int err = key_cache_make(&cache, server_secret, sessions[0].client_session, &made);
        failed = allocation_relent();
        assert_int_equal(err, failed ? -ENOMEM : 0);
    }
    assert_true(which > 2);
    key_cache_discard(&cache, made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_that_of_its_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_one_that_was_used_least_recently_goes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_in_use_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_did_not_open_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory_there_is_no_key, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
