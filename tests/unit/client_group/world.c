#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/x25519.h"

enum { STEP_S = 20, MAILBOX_LIFE_S = 30 * 24 * 60 * 60 };

static bool one_of(struct world *world, size_t many)
{
    return many > 0 && seeded_below(&world->seeded, many) == 0;
}

void world_open(struct world *world, const struct network *network)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    struct seeded seeded = world->seeded;
    memset(world, 0, sizeof *world);
    world->seeded = seeded;
    world->random = seeded_source(&world->seeded);
    world->network = *network;
    world->now_s = 1000000;
    random_fill(&world->random, world->server_secret, sizeof world->server_secret);
    x25519(world->server_public, world->server_secret, base_point);
}

void world_close(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        device_close(world->people[i].device);
        free(world->people[i].saved);
    }
    free(world->copies);
}

/* Where nobody is killed, the form is of no use. */
static void save(const struct world *world, struct person *person)
{
    struct writer writer = {.at = NULL};
    if (world->network.killed == 0 && person->saved)
        return;
    device_save(person->device, &writer);
    free(person->saved);
    person->saved = malloc(writer.bytes);
    assert_non_null(person->saved);
    person->saved_bytes = writer.bytes;
    writer = (struct writer){.at = person->saved};
    device_save(person->device, &writer);
    assert_int_equal(writer.bytes, person->saved_bytes);
}

/* A program is killed where it would do its next step, and starts again. Returns: whether it was.
 */
static bool killed(struct world *world, struct person *person)
{
    if (!one_of(world, world->network.killed))
        return false;
    struct cursor cursor = cursor_over(person->saved, person->saved_bytes);
    device_close(person->device);
    person->device = NULL;
    assert_int_equal(device_load(&person->device, &cursor, &world->random), 0);
    return true;
}

static size_t add_person(struct world *world, struct device *device)
{
    assert_true(world->count < DEVICES_MAX);
    struct person *person = &world->people[world->count++];
    *person = (struct person){.device = device};
    memcpy(person->member, device_own(device), GROUP_MEMBER_BYTES);
    const struct device_mailbox *mailbox = device_mailbox(device, 0);
    assert_int_equal(
        device_mailbox_opened(device, mailbox->id, world->now_s + MAILBOX_LIFE_S, world->now_s), 0);
    save(world, person);
    return world->count - 1;
}

static struct group_name name_of(size_t number)
{
    struct group_name name = {.bytes = 3};
    snprintf((char *)name.text, sizeof name.text, "p%02zu", number);
    return name;
}

size_t world_create(struct world *world)
{
    const struct group_name name = {.bytes = 4, .text = "club"}, own = name_of(world->count);
    struct device *device = NULL;
    assert_int_equal(device_create(&device, &name, &own, &world->random, world->now_s), 0);
    return add_person(world, device);
}

size_t world_invite(struct world *world, size_t by)
{
    const struct group_name own = name_of(world->count);
    struct group_introduction inviter, newcomer;
    uint8_t inviter_x[GROUP_KEY_BYTES], newcomer_x[GROUP_KEY_BYTES];
    struct device *device = NULL;
    assert_int_equal(device_newcomer(&device, &own, &world->random, world->now_s), 0);
    size_t who = add_person(world, device);
    device_introduce(world->people[by].device, &inviter, inviter_x);
    device_introduce(device, &newcomer, newcomer_x);
    assert_int_equal(device_met(device, &newcomer, newcomer_x, &inviter, world->now_s), 0);
    assert_int_equal(
        device_met(world->people[by].device, &inviter, inviter_x, &newcomer, world->now_s), 0);
    save(world, &world->people[who]);
    save(world, &world->people[by]);
    return who;
}

size_t world_write(struct world *world, size_t by)
{
    char text[1200];
    size_t number = world->texts++;
    /* One in four takes several parts. */
    size_t bytes = one_of(world, 4) ? sizeof text : 24;
    memset(text, '.', sizeof text);
    snprintf(text, sizeof text, "text %zu", number);
    assert_int_equal(
        device_write(world->people[by].device, (const uint8_t *)text, bytes, world->now_s), 0);
    save(world, &world->people[by]);
    return number;
}

void world_remove(struct world *world, size_t by, size_t whom)
{
    int err = device_remove(world->people[by].device, world->people[whom].member, world->now_s);
    assert_true(err == 0 || err == -ENOENT || err == -EINVAL);
    save(world, &world->people[by]);
}

void world_leave(struct world *world, size_t who)
{
    assert_int_equal(device_leave(world->people[who].device, world->now_s), 0);
    save(world, &world->people[who]);
}

/* --- the network --- */

static void put_copy(struct world *world, const uint8_t *delivery)
{
    if (world->copies_count == world->copies_room) {
        world->copies_room = world->copies_room ? 2 * world->copies_room : 64;
        world->copies = reallocarray(world->copies, world->copies_room, sizeof *world->copies);
        assert_non_null(world->copies);
    }
    struct copy *copy = &world->copies[world->copies_count++];
    *copy = (struct copy){.at_s = world->now_s};
    if (world->network.delay_s > 0)
        copy->at_s += (int64_t)seeded_below(&world->seeded, world->network.delay_s);
    assert_int_equal(group_delivery_open(copy->mailbox_id, copy->copy, delivery,
                                         GROUP_DELIVERY_BYTES, world->server_public,
                                         world->server_secret),
                     0);
}

/* Divide a packet as the last mix does, for those it is for. */
static void send(struct world *world, const struct device_dispatch *dispatch)
{
    world->packets++;
    for (size_t i = 0; i < dispatch->count; i++) {
        uint8_t copy[GROUP_COPY_BYTES], delivery[GROUP_DELIVERY_BYTES];
        uint8_t ephemeral[GROUP_KEY_BYTES];
        random_fill(&world->random, ephemeral, sizeof ephemeral);
        assert_int_equal(group_copy_make(copy, &dispatch->division, i, ephemeral), 0);
        assert_int_equal(group_delivery_make(delivery, dispatch->division.recipients[i].token, copy,
                                             world->server_public, ephemeral),
                         0);
        if (one_of(world, world->network.lost))
            continue;
        put_copy(world, delivery);
        if (one_of(world, world->network.twice))
            put_copy(world, delivery);
    }
}

static void arrive(struct world *world)
{
    for (size_t i = 0; i < world->copies_count; i++)
        if (!world->copies[i].has_arrived && world->copies[i].at_s <= world->now_s) {
            world->copies[i].has_arrived = true;
            world->copies[i].cursor = ++world->cursor;
        }
}

/* What a mailbox has beyond a cursor, in its order. */
static size_t read_mailbox(const struct world *world, const struct device_mailbox *mailbox,
                           uint8_t *copies, size_t max, uint64_t *cursor)
{
    size_t count = 0;
    *cursor = mailbox->cursor;
    for (;;) {
        const struct copy *next = NULL;
        for (size_t i = 0; i < world->copies_count; i++) {
            const struct copy *copy = &world->copies[i];
            if (copy->has_arrived && copy->cursor > *cursor &&
                memcmp(copy->mailbox_id, mailbox->id, sizeof mailbox->id) == 0 &&
                (!next || copy->cursor < next->cursor))
                next = copy;
        }
        if (!next || count == max)
            return count;
        memcpy(copies + count++ * GROUP_COPY_BYTES, next->copy, GROUP_COPY_BYTES);
        *cursor = next->cursor;
    }
}

static void forget_copies(struct world *world, const uint8_t *mailbox_id, uint64_t cursor)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->copies_count; i++) {
        const struct copy *copy = &world->copies[i];
        if (copy->has_arrived && copy->cursor <= cursor &&
            memcmp(copy->mailbox_id, mailbox_id, GROUP_MAILBOX_ID_BYTES) == 0)
            continue;
        world->copies[kept++] = *copy;
    }
    world->copies_count = kept;
}

/* --- a device's steps; each can be its last before it is started again --- */

static void open_mailboxes(struct world *world, struct person *person)
{
    for (size_t i = 0; i < device_mailboxes(person->device); i++) {
        const struct device_mailbox mailbox = *device_mailbox(person->device, i);
        if (mailbox.is_to_close) {
            device_mailbox_closed(person->device, mailbox.id);
            save(world, person);
        } else if (!mailbox.is_open || mailbox.renew_s <= world->now_s) {
            assert_int_equal(device_mailbox_opened(person->device, mailbox.id,
                                                   world->now_s + MAILBOX_LIFE_S, world->now_s),
                             0);
            save(world, person);
        }
    }
}

/* Returns: whether there is something left. */
static bool read_some(struct world *world, struct person *person,
                      const uint8_t id[static GROUP_MAILBOX_ID_BYTES])
{
    enum { AT_ONCE = 8 };
    uint8_t copies[AT_ONCE * GROUP_COPY_BYTES];
    for (size_t i = 0; i < device_mailboxes(person->device); i++) {
        const struct device_mailbox mailbox = *device_mailbox(person->device, i);
        uint64_t cursor;
        if (memcmp(mailbox.id, id, sizeof mailbox.id) != 0)
            continue;
        size_t count = read_mailbox(world, &mailbox, copies, AT_ONCE, &cursor);
        if (count == 0)
            return false;
        assert_int_equal(
            device_take(person->device, mailbox.id, cursor, copies, count, world->now_s), 0);
        if (killed(world, person))
            return false;
        save(world, person);
        if (killed(world, person))
            return false;
        forget_copies(world, mailbox.id, cursor);
        return true;
    }
    return false;
}

static void read_all(struct world *world, struct person *person)
{
    for (size_t i = 0; i < device_mailboxes(person->device); i++) {
        const struct device_mailbox mailbox = *device_mailbox(person->device, i);
        while (read_some(world, person, mailbox.id))
            continue;
    }
}

static void send_all(struct world *world, struct person *person)
{
    struct group_division server = {.port = 5443};
    struct device_dispatch dispatch;
    memcpy(server.server_public, world->server_public, sizeof server.server_public);
    while (!device_dispatch(person->device, &server, &dispatch, world->now_s)) {
        send(world, &dispatch);
        if (killed(world, person))
            return;
        device_dispatched(person->device, &dispatch, (1U << dispatch.count) - 1, world->now_s);
        save(world, person);
    }
}

static void show_all(struct world *world, struct person *person)
{
    const struct group_event *event;
    while ((event = device_event(person->device)) != NULL) {
        /* A person whose program is killed while it shows something sees that again. */
        if (killed(world, person))
            return;
        person->kinds[event->kind]++;
        person->is_late = event->is_late;
        if (event->kind == GROUP_EVENT_MISSING)
            person->missing += event->count;
        if (event->kind == GROUP_EVENT_TEXT) {
            assert_true(person->shown_count < SHOWN_MAX);
            assert_memory_equal(event->text, "text ", 5);
            event->text[event->bytes - 1] = 0;
            person->shown[person->shown_count++] = strtoul((char *)event->text + 5, NULL, 10);
        }
        device_event_shown(person->device);
        save(world, person);
    }
}

static void step(struct world *world, struct person *person)
{
    if (!person->device || device_is_over(person->device))
        return;
    open_mailboxes(world, person);
    read_all(world, person);
    assert_int_equal(device_tick(person->device, world->now_s), 0);
    save(world, person);
    send_all(world, person);
    show_all(world, person);
}

void world_run(struct world *world, int64_t span_s)
{
    int64_t until_s = world->now_s + span_s;
    while (world->now_s < until_s) {
        size_t order[DEVICES_MAX];
        int64_t next_s = until_s;
        arrive(world);
        seeded_order(&world->seeded, order, world->count);
        for (size_t i = 0; i < world->count; i++)
            step(world, &world->people[order[i]]);
        for (size_t i = 0; i < world->count; i++) {
            struct device *device = world->people[i].device;
            int64_t due_s = until_s;
            if (!device_is_over(device))
                due_s = device_due_s(device, world->now_s);
            next_s = due_s < next_s ? due_s : next_s;
        }
        for (size_t i = 0; i < world->copies_count; i++)
            if (!world->copies[i].has_arrived && world->copies[i].at_s < next_s)
                next_s = world->copies[i].at_s;
        world->now_s = next_s > world->now_s + STEP_S ? next_s : world->now_s + STEP_S;
    }
}

/* --- what came of it --- */

bool world_is_member(struct world *world, size_t of, size_t who)
{
    const struct group_state *state = device_members(world->people[of].device);
    if (device_is_over(world->people[who].device))
        return false;
    for (size_t i = 0; state && i < state->count; i++)
        if (memcmp(state->members[i].member, world->people[who].member, GROUP_MEMBER_BYTES) == 0)
            return true;
    return false;
}

size_t world_saw(const struct world *world, size_t who, size_t text)
{
    size_t count = 0;
    for (size_t i = 0; i < world->people[who].shown_count; i++)
        count += world->people[who].shown[i] == text;
    return count;
}

bool world_agrees(struct world *world, size_t of)
{
    uint8_t wanted[GROUP_KEY_BYTES], fingerprint[GROUP_KEY_BYTES];
    assert_int_equal(device_fingerprint(world->people[of].device, wanted), 0);
    for (size_t i = 0; i < world->count; i++) {
        if (!world_is_member(world, of, i))
            continue;
        if (device_fingerprint(world->people[i].device, fingerprint) ||
            memcmp(fingerprint, wanted, sizeof wanted) != 0)
            return false;
    }
    return true;
}
