#include "lib/test.h"

#include <string.h>

#include "crypto/x25519.h"
#include "people.h"

struct server {
    uint8_t public_key[GROUP_KEY_BYTES], secret_key[GROUP_KEY_BYTES];
};

static struct server make_server(const struct random_source *random)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    struct server server;
    random_fill(random, server.secret_key, sizeof server.secret_key);
    x25519(server.public_key, server.secret_key, base_point);
    return server;
}

static int open_delivery(const struct server *server, const uint8_t *delivery, size_t bytes)
{
    uint8_t id[GROUP_MAILBOX_ID_BYTES], copy[GROUP_COPY_BYTES];
    return group_delivery_open(id, copy, delivery, bytes, server->public_key, server->secret_key);
}

static void make_delivery(uint8_t delivery[static GROUP_DELIVERY_BYTES],
                          const struct server *server, const struct random_source *random)
{
    uint8_t ephemeral[GROUP_KEY_BYTES], token[GROUP_TOKEN_BYTES], copy[GROUP_COPY_BYTES];
    const uint8_t id[GROUP_MAILBOX_ID_BYTES] = {7};
    random_fill(random, ephemeral, sizeof ephemeral);
    assert_int_equal(group_token_make(token, id, server->public_key, ephemeral), 0);
    random_fill(random, copy, sizeof copy);
    memcpy(copy, token, GROUP_R_BYTES);
    random_fill(random, ephemeral, sizeof ephemeral);
    assert_int_equal(group_delivery_make(delivery, token, copy, server->public_key, ephemeral), 0);
}

static void a_delivery_opens_for_its_server(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct server server = make_server(&random), other = make_server(&random);
    uint8_t delivery[GROUP_DELIVERY_BYTES + 1] = {0};
    make_delivery(delivery, &server, &random);
    assert_int_equal(open_delivery(&server, delivery, GROUP_DELIVERY_BYTES), 0);
    assert_int_equal(open_delivery(&other, delivery, GROUP_DELIVERY_BYTES), -EBADMSG);
    assert_int_equal(open_delivery(&server, delivery, GROUP_DELIVERY_BYTES - 1), -EMSGSIZE);
    assert_int_equal(open_delivery(&server, delivery, GROUP_DELIVERY_BYTES + 1), -EMSGSIZE);
    assert_int_equal(open_delivery(&server, delivery, 0), -EMSGSIZE);
    for (size_t i = 0; i < GROUP_DELIVERY_BYTES; i++) {
        delivery[i] ^= 4;
        assert_int_equal(open_delivery(&server, delivery, GROUP_DELIVERY_BYTES), -EBADMSG);
        delivery[i] ^= 4;
    }
}

static void a_copy_needs_the_r_of_its_token(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct server server = make_server(&random);
    uint8_t ephemeral[GROUP_KEY_BYTES] = {5}, token[GROUP_TOKEN_BYTES],
            copy[GROUP_COPY_BYTES] = {0};
    uint8_t delivery[GROUP_DELIVERY_BYTES];
    const uint8_t id[GROUP_MAILBOX_ID_BYTES] = {7};
    assert_int_equal(group_token_make(token, id, server.public_key, ephemeral), 0);
    for (size_t i = 0; i < GROUP_R_BYTES; i++) {
        memcpy(copy, token, GROUP_R_BYTES);
        copy[i] ^= 1;
        assert_int_equal(group_delivery_make(delivery, token, copy, server.public_key, ephemeral),
                         0);
        assert_int_equal(open_delivery(&server, delivery, sizeof delivery), -EBADMSG);
    }
}

static void divisions_read_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t content[GROUP_DIVIDE_BYTES + 1], again[GROUP_DIVIDE_BYTES];
    struct group_division division;
    random_fill(&random, content, sizeof content);
    assert_int_equal(group_division_read(&division, content, GROUP_DIVIDE_BYTES - 1), -EMSGSIZE);
    assert_int_equal(group_division_read(&division, content, GROUP_DIVIDE_BYTES + 1), -EMSGSIZE);
    assert_int_equal(group_division_read(&division, content, GROUP_DIVIDE_BYTES), 0);
    group_division_write(again, &division);
    assert_memory_equal(again, content, sizeof again);
    memset(content + 18, 0, GROUP_KEY_BYTES); /* the server's key */
    assert_int_equal(group_division_read(&division, content, GROUP_DIVIDE_BYTES), -EBADMSG);
    memset(content + 18, 9, GROUP_KEY_BYTES);
    memset(content + 50, 0, GROUP_KEY_BYTES); /* G' */
    assert_int_equal(group_division_read(&division, content, GROUP_DIVIDE_BYTES), -EBADMSG);
    assert_int_equal(group_division_address(&division, NULL, content, content, 5, &random),
                     -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_opens_for_its_server),
        cmocka_unit_test(a_copy_needs_the_r_of_its_token),
        cmocka_unit_test(divisions_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
