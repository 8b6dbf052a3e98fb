#include "daemon/acceptor.h"

#include <netinet/in.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "lib/test.h"

/* Sockets that are listened on, and connections that are accepted there. */

static struct acceptor acceptor;
static sem_t taken;
static int connection = -1;

static int set_up(void **state)
{
    (void)state;
    acceptor = (struct acceptor){0};
    return sem_init(&taken, 0, 0);
}

static int tear_down(void **state)
{
    (void)state;
    acceptor_stop(&acceptor);
    return sem_destroy(&taken);
}

static void take(void *context, int accepted, const struct sockaddr *peer, socklen_t bytes)
{
    assert_ptr_equal(context, &connection);
    assert_true(peer->sa_family == AF_INET && bytes == sizeof(struct sockaddr_in));
    connection = accepted;
    sem_post(&taken);
}

/* Connect to the address as it was told. Returns: a descriptor, or -1. */
static int connect_to(const char *address)
{
    struct socket_address to;
    assert_int_equal(socket_parse(address, &to), 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (connect(fd, &to.any, to.bytes) == 0)
        return fd;
    close(fd);
    return -1;
}

static void each_socket_is_accepted_on_until_the_stop(void **state)
{
    char listened[ADDRESS_BYTES], adopted[ADDRESS_BYTES];
    struct listening other;
    (void)state;
    assert_int_equal(acceptor_listen(&acceptor, "127.0.0.1:0", 0, listened), 0);
    assert_int_equal(socket_listen("127.0.0.1:0", 0, &other, adopted), 0);
    memset(adopted, 0, sizeof adopted);
    assert_int_equal(acceptor_adopt(&acceptor, other.fd, adopted), 0);
    assert_int_equal(acceptor_start(&acceptor, take, &connection), 0);
    const char *const addresses[] = {listened, adopted, listened};
    for (size_t i = 0; i < 3; i++) {
        char got;
        int fd = connect_to(addresses[i]);
        assert_true(fd >= 0);
        while (sem_wait(&taken))
            ;
        assert_int_equal(write(fd, "x", 1), 1);
        close(fd);
        /* It does not block, so what was written may not be there yet. */
        ssize_t bytes;
        while ((bytes = recv(connection, &got, 1, 0)) < 0)
            assert_int_equal(poll(&(struct pollfd){connection, POLLIN, 0}, 1, 10000), 1);
        assert_true(bytes == 1 && got == 'x');
        close(connection);
    }
    acceptor_stop(&acceptor);
    assert_int_equal(connect_to(listened), -1);
    assert_int_equal(connect_to(adopted), -1);
    acceptor_stop(&acceptor);
}

static void there_is_room_for_so_many(void **state)
{
    char address[ADDRESS_BYTES];
    (void)state;
    for (size_t i = 0; i < ACCEPTOR_SOCKETS_MAX; i++)
        assert_int_equal(acceptor_listen(&acceptor, "127.0.0.1:0", 0, address), 0);
    strcpy(address, "untouched");
    assert_int_equal(acceptor_listen(&acceptor, "127.0.0.1:0", 0, address), -ENOSPC);
    assert_int_equal(acceptor_adopt(&acceptor, 0, address), -ENOSPC);
    assert_string_equal(address, "untouched");
}

static void what_fails_takes_no_room(void **state)
{
    char address[ADDRESS_BYTES];
    (void)state;
    assert_int_equal(acceptor_listen(&acceptor, "nowhere", 0, address), -EINVAL);
    assert_int_equal(acceptor_adopt(&acceptor, -1, address), -EINVAL);
    assert_int_equal(acceptor.socket_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_socket_is_accepted_on_until_the_stop),
        TEST(there_is_room_for_so_many),
        TEST(what_fails_takes_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
