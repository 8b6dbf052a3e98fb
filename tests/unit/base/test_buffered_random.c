#include "base/buffered_random.h"

#include <string.h>

#include "lib/test.h"

/* A source that counts: bytes 0, 1, 2, ... */
struct counting {
    uint8_t next;
    size_t calls;
};

static void count_up(void *state, uint8_t *out, size_t bytes)
{
    struct counting *counting = state;
    counting->calls++;
    for (size_t i = 0; i < bytes; i++)
        out[i] = counting->next++;
}

static void bytes_come_in_their_order_and_once(void **state)
{
    (void)state;
    struct counting counting = {.next = 0};
    struct random_source from = {count_up, &counting};
    struct buffered_random buffered;
    buffered_random_init(&buffered, &from);
    struct random_source source = buffered_random_source(&buffered);
    uint8_t wanted = 0, got[16];
    for (size_t i = 0; i < 2 * BUFFERED_RANDOM_BYTES / sizeof got; i++) {
        random_fill(&source, got, sizeof got);
        for (size_t j = 0; j < sizeof got; j++)
            assert_int_equal(got[j], wanted++);
    }
    assert_int_equal(counting.calls, 2);
}

static void what_was_handed_out_is_not_kept(void **state)
{
    (void)state;
    static const uint8_t zeros[100];
    struct buffered_random buffered;
    buffered_random_init(&buffered, &random_system);
    struct random_source source = buffered_random_source(&buffered);
    uint8_t got[100];
    random_fill(&source, got, sizeof got);
    assert_memory_equal(buffered.drawn, zeros, sizeof zeros);
}

/* What is left and does not suffice is not handed out, and much comes from the source itself. */
static void any_number_of_bytes(void **state)
{
    (void)state;
    struct counting counting = {.next = 0};
    struct random_source from = {count_up, &counting};
    struct buffered_random buffered;
    buffered_random_init(&buffered, &from);
    struct random_source source = buffered_random_source(&buffered);
    uint8_t got[BUFFERED_RANDOM_BYTES + 1];
    for (size_t bytes = 0; bytes <= sizeof got; bytes++) {
        memset(got, 0xaa, sizeof got);
        random_fill(&source, got, bytes);
        for (size_t i = 1; i < bytes; i++)
            assert_int_equal(got[i], (uint8_t)(got[i - 1] + 1));
        if (bytes < sizeof got)
            assert_int_equal(got[bytes], 0xaa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_in_their_order_and_once),
        cmocka_unit_test(what_was_handed_out_is_not_kept),
        cmocka_unit_test(any_number_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
