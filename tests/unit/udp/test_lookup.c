/* Name lookup, with a name service that answers when the test wants. */
#include "udp/lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"

/* What the name service does: it counts who asks, and waits until it may answer. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool may_answer;
    size_t asked, answered;
    int failed;     /* EAI_… */
    size_t entries; /* otherwise so many addresses, 192.0.2.1 and up */
} service = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static atomic_bool stopped;

/* A stop that is asked for as soon as the name service has been asked. */
static int stop_once_asked(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    pthread_mutex_lock(&service.lock);
    while (service.asked == 0)
        pthread_cond_wait(&service.changed, &service.lock);
    pthread_mutex_unlock(&service.lock);
    return atomic_load(&stopped) ? -ECANCELED : 0;
}

static int never(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static const struct stop_source stop_soon = {.wait = stop_once_asked, .fd = -1},
                                no_stop = {.wait = never, .fd = -1};

/* By --wrap: literal addresses are read by the system. */
int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);

static struct addrinfo *make_entries(const struct addrinfo *hints, const char *port)
{
    struct addrinfo *first = NULL;
    for (size_t i = service.entries; i > 0; i--) {
        char text[32];
        struct addrinfo literal = *hints, *entry;
        literal.ai_flags |= AI_NUMERICHOST;
        snprintf(text, sizeof text, "192.0.2.%zu", i);
        assert_int_equal(__real_getaddrinfo(text, port, &literal, &entry), 0);
        entry->ai_next = first;
        first = entry;
    }
    return first;
}

int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found)
{
    if (hints->ai_flags & AI_NUMERICHOST)
        return __real_getaddrinfo(host, port, hints, found);
    pthread_mutex_lock(&service.lock);
    service.asked++;
    pthread_cond_broadcast(&service.changed);
    while (!service.may_answer)
        pthread_cond_wait(&service.changed, &service.lock);
    int failed = service.failed;
    if (!failed)
        *found = make_entries(hints, port);
    service.answered++;
    pthread_cond_broadcast(&service.changed);
    pthread_mutex_unlock(&service.lock);
    return failed;
}

/* A thread that is left to itself is joined at the end: nothing of it is left when its memory is
 * looked at. */
static pthread_t left;

int __wrap_pthread_detach(pthread_t thread);
int __wrap_pthread_detach(pthread_t thread)
{
    left = thread;
    return 0;
}

static void set_service(bool may_answer, int failed, size_t entries)
{
    pthread_mutex_lock(&service.lock);
    service.may_answer = may_answer;
    service.failed = failed;
    service.entries = entries;
    service.asked = service.answered = 0;
    pthread_cond_broadcast(&service.changed);
    pthread_mutex_unlock(&service.lock);
}

static void assert_address(const struct host_addresses *addresses, size_t which, const char *text)
{
    char host[INET6_ADDRSTRLEN], port[8];
    assert_true(which < addresses->count);
    assert_int_equal(getnameinfo((const struct sockaddr *)&addresses->at[which],
                                 addresses->bytes[which], host, sizeof host, port, sizeof port,
                                 NI_NUMERICHOST | NI_NUMERICSERV),
                     0);
    assert_string_equal(host, text);
    assert_string_equal(port, "5443");
}

static void literal_addresses_ask_nobody(void **state)
{
    (void)state;
    struct host_addresses addresses;
    set_service(false, 0, 0);
    assert_int_equal(lookup_host(&addresses, "192.0.2.7", 5443, &no_stop), 0);
    assert_int_equal(addresses.count, 1);
    assert_address(&addresses, 0, "192.0.2.7");
    assert_int_equal(lookup_host(&addresses, "2001:db8::7", 5443, &no_stop), 0);
    assert_int_equal(addresses.count, 1);
    assert_address(&addresses, 0, "2001:db8::7");
    assert_int_equal(lookup_host(&addresses, "LocalHost", 5443, &no_stop), 0);
    assert_int_equal(addresses.count, 2);
    assert_address(&addresses, 0, "::1");
    assert_address(&addresses, 1, "127.0.0.1");
    assert_int_equal(service.asked, 0);
}

static void a_name_has_addresses_in_order(void **state)
{
    (void)state;
    struct host_addresses addresses;
    set_service(true, 0, 3);
    assert_int_equal(lookup_host(&addresses, "meet.example", 5443, &no_stop), 0);
    assert_int_equal(addresses.count, 3);
    assert_address(&addresses, 0, "192.0.2.1");
    assert_address(&addresses, 2, "192.0.2.3");
    set_service(true, 0, LOOKUP_ADDRESSES_MAX + 2);
    assert_int_equal(lookup_host(&addresses, "meet.example", 5443, &no_stop), 0);
    assert_int_equal(addresses.count, LOOKUP_ADDRESSES_MAX);
}

static void failures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        int failed, err;
    } cases[] = {{EAI_NONAME, -ENOENT}, {EAI_AGAIN, -ENOENT}, {EAI_MEMORY, -ENOMEM}};
    struct host_addresses addresses = {.count = 77};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_service(true, cases[i].failed, 0);
        assert_int_equal(lookup_host(&addresses, "meet.example", 5443, &no_stop), cases[i].err);
    }
    set_service(true, 0, 0);
    assert_int_equal(lookup_host(&addresses, "meet.example", 5443, &no_stop), -ENOENT);
    assert_int_equal(addresses.count, 77);
}

/* The thread that asks ends by itself, and releases what it found. */
static void a_stop_does_not_wait_for_the_name_service(void **state)
{
    (void)state;
    struct host_addresses addresses;
    set_service(false, 0, 2);
    atomic_store(&stopped, true);
    assert_int_equal(lookup_host(&addresses, "meet.example", 5443, &stop_soon), -ECANCELED);
    pthread_mutex_lock(&service.lock);
    assert_int_equal(service.answered, 0);
    service.may_answer = true;
    pthread_cond_broadcast(&service.changed);
    while (service.answered == 0)
        pthread_cond_wait(&service.changed, &service.lock);
    pthread_mutex_unlock(&service.lock);
    assert_int_equal(pthread_join(left, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_addresses_ask_nobody),
        cmocka_unit_test(a_name_has_addresses_in_order),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(a_stop_does_not_wait_for_the_name_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
