#include <string.h>

#include "shelf.h"

/* Private links in every kind of store. */

static struct change of_links(enum change_kind kind, const struct bucket_id *id)
{
    return (struct change){.kind = kind, .bucket_kind = BUCKET_KIND_LINKS, .id = *id};
}

static struct change opening_links(const struct bucket_id *id, const uint8_t *seed)
{
    struct change change = of_links(CHANGE_BUCKET_OPENED, id);
    change.seed = seed;
    return change;
}

static struct change adding_link(const struct bucket_id *id, const struct shelf_link *link)
{
    struct change change = of_links(CHANGE_LINK_ADDED, id);
    change.link = (struct store_link){link->slot, link->bytes};
    return change;
}

/* Two buckets of the same id, one of each kind, which lead lives of their own. */
static void links_are_kept_apart_from_t1s(void **state)
{
    static const uint8_t seed[LINK_SEED_BYTES] = {7, [31] = 9}, other_seed[LINK_SEED_BYTES] = {8};
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true);
    struct shelf_link link = {.slot = 63, .bytes = {1, [255] = 2}}, other = {.slot = 63};
    struct change changes[] = {
        opening(&old),
        adding_t1(&old, &t1),
        opening_links(&old, seed),
        adding_link(&old, &link),
        opening_links(&young, other_seed),
        adding_link(&young, &other),
        of_links(CHANGE_BUCKET_CLOSED, &old),
    };
    assert_int_equal(store_commit(store, changes, sizeof changes / sizeof changes[0]), 0);
    store = reopened(state, store);

    struct census all = {0}, kept = {0}, mixed = {0};
    assert_int_equal(visit_buckets(store, &all), 0);
    assert_int_equal(all.bucket_count, 3);
    for (size_t i = 0; i < all.bucket_count; i++)
        assert_true(all.closed[i] ==
                    (all.kinds[i] == BUCKET_KIND_LINKS && all.buckets[i].sequence == 0));
    assert_int_equal(visit_links(store, &old, &kept), 0);
    assert_true(kept.seeds == 1 && kept.links == 1 && kept.link.slot == 63);
    assert_memory_equal(kept.seed, seed, sizeof seed);
    assert_memory_equal(kept.link.bytes, link.bytes, sizeof link.bytes);
    assert_int_equal(visit_entries(store, &young, &mixed), 0);
    assert_int_equal(mixed.t1s, 0);
    kept.refuse = -EBADMSG;
    assert_int_equal(visit_links(store, &old, &kept), -EBADMSG);

    /* One of them expires, then the other. */
    struct change expiry = of_links(CHANGE_BUCKET_EXPIRED, &old);
    assert_int_equal(store_commit(store, &expiry, 1), 0);
    struct census gone = {0}, left = {0};
    assert_int_equal(visit_links(store, &old, &gone), 0);
    assert_true(gone.seeds == 0 && gone.links == 0);
    assert_int_equal(visit_entries(store, &old, &left), 0);
    assert_int_equal(left.t1s, 1);
    expiry = (struct change){
        .kind = CHANGE_BUCKET_EXPIRED, .bucket_kind = BUCKET_KIND_RENDEZVOUS, .id = young};
    assert_int_equal(store_commit(store, &expiry, 1), 0);
    assert_int_equal(visit_links(store, &young, &gone), 0);
    assert_true(gone.seeds == 1 && gone.links == 1);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY_KIND(links_are_kept_apart_from_t1s),
    };
    return shelf_run(tests);
}
