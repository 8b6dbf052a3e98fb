#include "world.h"

#include <string.h>

#include "base/secret.h"

static const struct network good = {.delay_s = 5};

static void a_group_grows_and_talks(void **state)
{
    (void)state;
    static struct world world;
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world), two = world_invite(&world, one);
    world_run(&world, 120);
    assert_int_equal(world.people[two].kinds[GROUP_EVENT_JOINED], 1);
    size_t early = world_write(&world, one);
    world_run(&world, 120);
    size_t three = world_invite(&world, two);
    world_run(&world, 120);
    assert_int_equal(world.people[one].kinds[GROUP_EVENT_ADDED], 2);
    assert_true(world_agrees(&world, one));
    size_t late = world_write(&world, three);
    world_run(&world, 120);
    assert_int_equal(world_saw(&world, two, early), 1);
    assert_int_equal(world_saw(&world, three, early), 0);
    assert_int_equal(world_saw(&world, one, late), 1);
    assert_int_equal(world_saw(&world, two, late), 1);
    const struct group_state *members = device_members(world.people[one].device);
    assert_int_equal(members->count, 3);
    for (size_t i = 0; i < members->count; i++)
        assert_int_equal(members->members[i].name.bytes, 3);
    for (size_t i = 0; i < world.count; i++)
        assert_int_equal(device_unsent(world.people[i].device), 0);
    world_close(&world);
}

static void who_is_removed_reads_and_writes_no_more(void **state)
{
    (void)state;
    static struct world world;
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world), two = world_invite(&world, one);
    size_t three = world_invite(&world, one);
    world_run(&world, 300);
    assert_true(world_agrees(&world, one));
    world_remove(&world, one, three);
    world_run(&world, 300);
    size_t secret = world_write(&world, two), noise = world_write(&world, three);
    world_run(&world, 300);
    assert_int_equal(world_saw(&world, one, secret), 1);
    assert_int_equal(world_saw(&world, three, secret), 0);
    assert_int_equal(world_saw(&world, one, noise), 0);
    assert_int_equal(world_saw(&world, two, noise), 0);
    assert_int_equal(world.people[two].kinds[GROUP_EVENT_REMOVED], 1);
    world_close(&world);
}

static void who_leaves_is_taken_out(void **state)
{
    (void)state;
    static struct world world;
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world), two = world_invite(&world, one);
    size_t three = world_invite(&world, one);
    world_run(&world, 300);
    world_leave(&world, two);
    world_run(&world, 300);
    assert_true(device_is_over(world.people[two].device));
    assert_false(world_is_member(&world, one, two));
    assert_true(world_is_member(&world, one, three));
    assert_true(world_agrees(&world, one));
    assert_int_equal(world.people[one].kinds[GROUP_EVENT_LEAVING], 1);
    world_close(&world);
}

static void what_is_missing_is_told(void **state)
{
    (void)state;
    static struct world world;
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world), two = world_invite(&world, one);
    world_run(&world, 600);
    world.network.lost = 1;
    size_t lost = world_write(&world, one);
    world_run(&world, 20);
    world.network.lost = 0;
    assert_int_equal(world.people[two].missing, 0);
    size_t next = world_write(&world, one);
    world_run(&world, 300);
    assert_int_equal(world_saw(&world, two, lost), 0);
    assert_int_equal(world_saw(&world, two, next), 1);
    assert_int_equal(world.people[two].missing, 1);
    assert_int_equal(device_missing(world.people[two].device, world.people[one].member), 1);
    world_close(&world);
}

static void a_month_without_change_makes_a_new_epoch(void **state)
{
    (void)state;
    static struct world world;
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world), two = world_invite(&world, one);
    world_run(&world, 600);
    uint32_t epoch = device_members(world.people[one].device)->epoch;
    world.now_s += 30 * 24 * 60 * 60;
    world_run(&world, 600);
    assert_int_equal(device_members(world.people[one].device)->epoch, epoch + 1);
    assert_true(world_agrees(&world, two));
    world_close(&world);
}

/* The saved form: every shorter one, and one of a newer format, are refused. */
static void what_is_no_saved_device_is_refused(void **state)
{
    (void)state;
    static struct world world;
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world);
    world_invite(&world, one);
    const struct person *person = &world.people[one];
    struct device *device = NULL;
    for (size_t bytes = 0; bytes < person->saved_bytes; bytes++) {
        struct cursor cursor = cursor_over(person->saved, bytes);
        assert_int_equal(device_load(&device, &cursor, &world.random), -EBADMSG);
    }
    person->saved[7] = 2;
    struct cursor cursor = cursor_over(person->saved, person->saved_bytes);
    assert_int_equal(device_load(&device, &cursor, &world.random), -ENOTSUP);
    assert_null(device);
    world_close(&world);
}

static void what_cannot_be_done_is_refused(void **state)
{
    (void)state;
    static struct world world;
    static uint8_t text[DEVICE_TEXT_BYTES_MAX + 1];
    world.seeded = seeded_open();
    world_open(&world, &good);
    size_t one = world_create(&world);
    struct device *device = world.people[one].device;
    assert_int_equal(device_write(device, text, 1, world.now_s), -ENOENT);
    size_t two = world_invite(&world, one);
    assert_int_equal(device_write(device, text, 0, world.now_s), -EINVAL);
    assert_int_equal(device_write(device, text, sizeof text, world.now_s), -EMSGSIZE);
    assert_int_equal(device_write(device, text, sizeof text - 1, world.now_s), 0);
    assert_int_equal(device_write(world.people[two].device, text, 1, world.now_s), -ENOENT);
    assert_int_equal(device_remove(device, world.people[one].member, world.now_s), -EINVAL);
    assert_int_equal(device_remove(device, world.people[two].member, world.now_s), -EINVAL);
    assert_int_equal(device_remove(device, text, world.now_s), -ENOENT);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_grows_and_talks),
        cmocka_unit_test(who_is_removed_reads_and_writes_no_more),
        cmocka_unit_test(who_leaves_is_taken_out),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(a_month_without_change_makes_a_new_epoch),
        cmocka_unit_test(what_is_no_saved_device_is_refused),
        cmocka_unit_test(what_cannot_be_done_is_refused),
    };
    return secret_init() ? 2 : cmocka_run_group_tests(tests, NULL, NULL);
}
