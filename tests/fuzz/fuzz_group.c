#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"
#include "group/delivery.h"
#include "group/seen.h"
#include "group/state.h"

/* What comes to a member of a group, to a last mix and to a server. The first byte says what the
 * rest is. What is read is written as the same. */

static void fuzz_state(const uint8_t *data, size_t size)
{
    static struct group_state state;
    static uint8_t again[GROUP_STATE_BYTES_MAX];
    int err = group_state_read(&state, data, size);
    INVARIANT(err == 0 || err == -EBADMSG || err == -ENOTSUP);
    if (!err) {
        struct group_key key;
        INVARIANT(group_state_write(again, &state) == size && memcmp(again, data, size) == 0);
        group_state_key(&key, &state);
        INVARIANT(key.count == state.count);
    }
}

static void fuzz_division(const uint8_t *data, size_t size)
{
    static struct group_division division;
    static uint8_t again[GROUP_DIVIDE_BYTES];
    int err = group_division_read(&division, data, size);
    INVARIANT(err == 0 || err == -EBADMSG || err == -EMSGSIZE);
    if (!err) {
        group_division_write(again, &division);
        INVARIANT(memcmp(again, data, sizeof again) == 0);
    }
}

static void fuzz_body(const uint8_t *data, size_t size)
{
    uint8_t body[GROUP_BODY_BYTES] = {0}, again[GROUP_BODY_BYTES];
    struct group_part part;
    memcpy(body, data, size < sizeof body ? size : sizeof body);
    if (!group_body_read(&part, body)) {
        INVARIANT(!group_body_write(again, &part));
        INVARIANT(memcmp(again, body, sizeof again - sizeof part.text + part.bytes) == 0);
    }
}

static void fuzz_introduction(const uint8_t *data, size_t size)
{
    uint8_t payload[GROUP_PAYLOAD_BYTES] = {0}, again[GROUP_PAYLOAD_BYTES];
    struct group_introduction introduction;
    memcpy(payload, data, size < sizeof payload ? size : sizeof payload);
    if (!group_introduction_read(&introduction, payload)) {
        group_introduction_write(again, &introduction);
        INVARIANT(memcmp(again, payload, sizeof again) == 0);
    }
}

static void fuzz_seen(const uint8_t *data, size_t size)
{
    struct group_seen *seen = group_seen_open();
    struct cursor cursor = cursor_over(data, size);
    struct writer counter = {.at = NULL};
    INVARIANT(seen);
    int err = group_seen_load(seen, &cursor);
    group_seen_save(seen, &counter);
    INVARIANT(err || counter.bytes == size - cursor.left);
    group_seen_close(seen);
}

static void fuzz_sealed(const uint8_t *data, size_t size)
{
    static const uint8_t secret[GROUP_KEY_BYTES] = {1}, member[GROUP_MEMBER_BYTES] = {2};
    struct group_key key;
    struct group_opened opened;
    uint8_t copy[GROUP_COPY_BYTES] = {0}, id[GROUP_MAILBOX_ID_BYTES];
    INVARIANT(!group_key_make(&key, secret, 1, member, 1));
    memcpy(copy, data, size < sizeof copy ? size : sizeof copy);
    INVARIANT(group_copy_open(&opened, &key, copy) == -EBADMSG);
    int err = group_delivery_open(id, copy, data, size, key.public_key, key.secret_key);
    INVARIANT(err == (size == GROUP_DELIVERY_BYTES ? -EBADMSG : -EMSGSIZE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const uint8_t *data, size_t size) = {
        fuzz_state, fuzz_division, fuzz_body, fuzz_introduction, fuzz_seen, fuzz_sealed,
    };
    if (size > 0)
        targets[data[0] % (sizeof targets / sizeof targets[0])](data + 1, size - 1);
    return 0;
}
