#include "lib/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/forwarded.h"

static struct proxies proxies;

static struct peer_address peer_at(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const struct sockaddr local = {.sa_family = AF_UNIX};
    if (!text)
        return peer_address_of(&proxies, &local);
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return peer_address_of(&proxies, (const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return peer_address_of(&proxies, (const struct sockaddr *)&v6);
}

static void trust(const char *first, const char *second)
{
    proxies.count = 0;
    assert_int_equal(proxies_add(&proxies, first), 0);
    if (second)
        assert_int_equal(proxies_add(&proxies, second), 0);
}

static struct forwarded_lines lines_of(const char *first, const char *second)
{
    return (struct forwarded_lines){{first, second}, second ? 2 : first ? 1 : 0};
}

/* Who a request counts for, as text; "-" for nobody. */
static const char *client(const char *peer_text, const char *x, const char *standard)
{
    static char text[INET6_ADDRSTRLEN];
    struct client_address found;
    struct peer_address peer = peer_at(peer_text);
    struct forwarded_lines x_lines = lines_of(x, NULL), lines = lines_of(standard, NULL);
    if (!client_of(&proxies, &peer, &x_lines, &lines, &found))
        return "-";
    assert_non_null(inet_ntop(AF_INET6, found.bytes, text, sizeof text));
    return text;
}

static void peers(void **state)
{
    (void)state;
    trust("192.0.2.1", "2001:db8:1::/48");
    assert_string_equal(client("198.51.100.7", NULL, NULL), "::ffff:198.51.100.7");
    assert_string_equal(client("::ffff:198.51.100.7", NULL, NULL), "::ffff:198.51.100.7");
    assert_string_equal(client("2001:db8:2:3:4:5:6:7", NULL, NULL), "2001:db8:2:3::");
    /* On this machine, and not listed. */
    assert_string_equal(client("127.0.0.1", NULL, NULL), "-");
    assert_string_equal(client("127.9.8.7", "198.51.100.7", NULL), "-");
    assert_string_equal(client("::1", "198.51.100.7", NULL), "-");
    assert_string_equal(client("::ffff:127.0.0.1", NULL, NULL), "-");
    /* At a unix socket: tor, or a proxy. */
    assert_string_equal(client(NULL, NULL, NULL), "-");
    assert_string_equal(client(NULL, "198.51.100.7", NULL), "::ffff:198.51.100.7");
    assert_string_equal(client(NULL, "spoilt", NULL), "::");
    /* Strangers are not believed. */
    assert_string_equal(client("198.51.100.7", "203.0.113.9", NULL), "::ffff:198.51.100.7");
    assert_string_equal(client("192.0.2.1", "203.0.113.9", NULL), "::ffff:203.0.113.9");
    assert_string_equal(client("192.0.2.1", NULL, "for=203.0.113.9"), "::ffff:203.0.113.9");
    assert_string_equal(client("2001:db8:1::9", "203.0.113.9", NULL), "::ffff:203.0.113.9");
    /* A proxy that names nobody asks for itself. */
    assert_string_equal(client("192.0.2.1", NULL, NULL), "::ffff:192.0.2.1");
    assert_string_equal(client("192.0.2.1", "spoilt", NULL), "::ffff:192.0.2.1");
    trust("127.0.0.1", "::1/128");
    assert_string_equal(client("127.0.0.1", NULL, NULL), "-");
    assert_string_equal(client("127.0.0.1", "203.0.113.9", NULL), "::ffff:203.0.113.9");
    assert_string_equal(client("::1", "2001:db8::1:2:3:4", NULL), "2001:db8::");
    assert_string_equal(client("127.0.0.1", "spoilt", NULL), "::ffff:127.0.0.1");
}

static void both_headers_have_to_agree(void **state)
{
    (void)state;
    trust("192.0.2.1", NULL);
    assert_string_equal(client("192.0.2.1", "203.0.113.9", "for=203.0.113.9"),
                        "::ffff:203.0.113.9");
    assert_string_equal(client("192.0.2.1", "203.0.113.9", "for=203.0.113.8"), "::ffff:192.0.2.1");
    assert_string_equal(client("192.0.2.1", "203.0.113.9", "for="), "::ffff:192.0.2.1");
    assert_string_equal(client("192.0.2.1", "x", "for=203.0.113.9"), "::ffff:192.0.2.1");
}

struct reading {
    const char *line, *expected; /* NULL: malformed */
};

static void expect_all(const struct reading *readings, size_t count,
                       int (*read)(const struct proxies *proxies,
                                   const struct forwarded_lines *lines,
                                   struct client_address *client))
{
    for (size_t i = 0; i < count; i++) {
        struct forwarded_lines lines = lines_of(readings[i].line, NULL);
        struct client_address found;
        char text[INET6_ADDRSTRLEN] = "";
        int err = read(&proxies, &lines, &found);
        if (!err)
            assert_non_null(inet_ntop(AF_INET6, found.bytes, text, sizeof text));
        const char *expected = readings[i].expected;
        if (err != (expected ? 0 : -EBADMSG) || (expected && strcmp(text, expected) != 0))
            fail_msg("\"%s\": %d %s", readings[i].line, err, text);
    }
}

static void x_forwarded_for(void **state)
{
    static const struct reading readings[] = {
        {"203.0.113.9", "::ffff:203.0.113.9"},
        {" 203.0.113.9 ", "::ffff:203.0.113.9"},
        {"203.0.113.9:1234", "::ffff:203.0.113.9"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:80", "2001:db8::1"},
        {"::ffff:203.0.113.9", "::ffff:203.0.113.9"},
        {"1.2.3.4, 203.0.113.9", "::ffff:203.0.113.9"},
        {"1.2.3.4,203.0.113.9", "::ffff:203.0.113.9"},
        {"1.2.3.4, 203.0.113.9, 192.0.2.1", "::ffff:203.0.113.9"},
        {"1.2.3.4, 203.0.113.9, 192.0.2.1\t,192.0.2.1", "::ffff:203.0.113.9"},
        {"192.0.2.1, 192.0.2.1", "::ffff:192.0.2.1"},
        {"unknown, 203.0.113.9", "::ffff:203.0.113.9"},
        {"203.0.113.9, unknown", NULL},
        {"_hidden, 203.0.113.9", "::ffff:203.0.113.9"},
        {"", NULL},
        {",", NULL},
        {"203.0.113.9,", NULL},
        {",203.0.113.9", NULL},
        {"x, 203.0.113.9", NULL},
        {"203.0.113.9 203.0.113.8", NULL},
        {"203.0.113.9;", NULL},
        {"203.0.113", NULL},
        {"203.0.113.09", NULL},
        {"203.0.113.256", NULL},
        {"203.0.113.9:", NULL},
        {"203.0.113.9:x", NULL},
        {"203.0.113.9:123456", NULL},
        {"[203.0.113.9]", NULL},
        {"[2001:db8::1", NULL},
        {"[]", NULL},
        {"[", NULL},
        {"[2001:db8::1]80", NULL},
        {"[2001:db8::1]:", NULL},
        {"[2001:db8::1]]", NULL},
        {"2001:db8::1%eth0", NULL},
        {"2001:db8::1::2", NULL},
        {"\"203.0.113.9\"", NULL},
        {"localhost", NULL},
        {"203.0.113.9\r\n", NULL},
        {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001", NULL},
    };
    (void)state;
    trust("192.0.2.1", NULL);
    expect_all(readings, sizeof readings / sizeof readings[0], forwarded_for_x);
}

static void forwarded(void **state)
{
    static const struct reading readings[] = {
        {"for=203.0.113.9", "::ffff:203.0.113.9"},
        {"For=203.0.113.9;proto=http;by=203.0.113.43", "::ffff:203.0.113.9"},
        {"by=192.0.2.9 ; for=\"203.0.113.9:80\"", "::ffff:203.0.113.9"},
        {"FOR=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"},
        {"for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"},
        {"for=1.2.3.4, for=203.0.113.9", "::ffff:203.0.113.9"},
        {"for=1.2.3.4,for=203.0.113.9;host=\"a,b;c\", for=192.0.2.1", "::ffff:203.0.113.9"},
        {"for=203.0.113.9;host=\"a\\\"b\"", "::ffff:203.0.113.9"},
        {"for=\"\\203.0.113.9\"", "::ffff:203.0.113.9"},
        {"for=_gazonk, for=203.0.113.9", "::ffff:203.0.113.9"},
        {"for=203.0.113.9, for=_gazonk", NULL},
        {"for=203.0.113.9, for=unknown", NULL},
        {"for=203.0.113.9, by=192.0.2.1", NULL},
        {"proto=http", NULL},
        {"", NULL},
        {"for", NULL},
        {"for=", NULL},
        {"=203.0.113.9", NULL},
        {"for=203.0.113.9;", NULL},
        {"for=203.0.113.9,", NULL},
        {"for=203.0.113.9;for=203.0.113.8", NULL},
        {"for=203.0.113.9 for=203.0.113.8", NULL},
        {"for =203.0.113.9", NULL},
        {"for= 203.0.113.9", NULL},
        {"for=\"203.0.113.9", NULL},
        {"for=\"203.0.113.9\\", NULL},
        {"for=\"203.0.113.9\"x", NULL},
        {"for=_", NULL},
        {"for=_a!", NULL},
        {"203.0.113.9", NULL},
    };
    (void)state;
    trust("192.0.2.1", NULL);
    expect_all(readings, sizeof readings / sizeof readings[0], forwarded_for);
}

static void several_lines_are_one_list(void **state)
{
    struct forwarded_lines lines = lines_of("203.0.113.9", "198.51.100.7");
    struct client_address found, expected;
    (void)state;
    trust("192.0.2.1", NULL);
    assert_int_equal(forwarded_for_x(&proxies, &lines, &found), 0);
    struct peer_address peer = peer_at("198.51.100.7");
    expected = peer.address;
    assert_memory_equal(&found, &expected, sizeof found);
    lines.count = FORWARDED_LINES_MAX + 1;
    assert_int_equal(forwarded_for_x(&proxies, &lines, &found), -EBADMSG);
    lines.count = 0;
    assert_int_equal(forwarded_for_x(&proxies, &lines, &found), -ENOENT);
    assert_int_equal(forwarded_for(&proxies, &lines, &found), -ENOENT);
}

static void very_long_ones(void **state)
{
    static char line[100000];
    struct forwarded_lines lines = {{line}, 1};
    struct client_address found;
    (void)state;
    for (size_t i = 0; i + 8 < sizeof line; i += 8)
        memcpy(line + i, "1.2.3.4,", 8);
    assert_int_equal(forwarded_for_x(&proxies, &lines, &found), -EBADMSG);
    memset(line, 'x', sizeof line - 1);
    assert_int_equal(forwarded_for_x(&proxies, &lines, &found), -EBADMSG);
    memcpy(line, "for=\"", 5);
    assert_int_equal(forwarded_for(&proxies, &lines, &found), -EBADMSG);
}

/* Pieces put together at random: read, or refused, and never anything else. */
static void any_text_is_read(void **state)
{
    static const char *const pieces[] = {
        "for=", "\"", "\\", ",",  ";",       " ",           "=",           "[",       "]",  ":",
        "1",    ".",  "_",  "by", "1.2.3.4", "2001:db8::1", "for=1.2.3.4", "unknown", "\t", "\x80"};
    struct seeded seeded = seeded_open();
    (void)state;
    trust("1.2.3.4", NULL);
    for (int i = 0; i < 200000; i++) {
        char line[160] = "";
        for (size_t j = seeded_below(&seeded, 12); j > 0; j--)
            strcat(line, pieces[seeded_below(&seeded, sizeof pieces / sizeof pieces[0])]);
        struct forwarded_lines lines = lines_of(line, NULL);
        struct client_address found;
        int err = forwarded_for(&proxies, &lines, &found);
        assert_true(err == 0 || err == -EBADMSG);
        err = forwarded_for_x(&proxies, &lines, &found);
        assert_true(err == 0 || err == -EBADMSG);
    }
}

static void networks(void **state)
{
    static const char *const wrong[] = {"",
                                        "x",
                                        "1.2.3",
                                        "1.2.3.4/",
                                        "1.2.3.4/33",
                                        "1.2.3.4/x",
                                        "1.2.3.4/-1",
                                        "2001:db8::/129",
                                        "/8",
                                        "1.2.3.4/8/8",
                                        "[2001:db8::1]",
                                        "1.2.3.4 ",
                                        "1.2.3.4/0008"};
    struct proxies many = {.count = 0};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (proxies_add(&many, wrong[i]) != -EINVAL)
            fail_msg("%s", wrong[i]);
    trust("10.1.0.0/15", "2001:db8::/33");
    assert_int_equal(peer_at("10.0.255.255").kind, PEER_PROXY);
    assert_int_equal(peer_at("10.1.2.3").kind, PEER_PROXY);
    assert_int_equal(peer_at("10.2.0.0").kind, PEER_CLIENT);
    assert_int_equal(peer_at("2001:db8:7fff::1").kind, PEER_PROXY);
    assert_int_equal(peer_at("2001:db8:8000::1").kind, PEER_CLIENT);
    assert_int_equal(peer_at("::ffff:10.1.2.3").kind, PEER_PROXY);
    trust("0.0.0.0/0", NULL);
    assert_int_equal(peer_at("198.51.100.7").kind, PEER_PROXY);
    assert_int_equal(peer_at("2001:db8::1").kind, PEER_CLIENT);
    trust("::/0", NULL);
    assert_int_equal(peer_at("2001:db8::1").kind, PEER_PROXY);
    for (size_t i = 0; i < PROXIES_MAX; i++)
        assert_int_equal(proxies_add(&many, "1.2.3.4"), 0);
    assert_int_equal(proxies_add(&many, "1.2.3.4"), -ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers),
        cmocka_unit_test(both_headers_have_to_agree),
        cmocka_unit_test(x_forwarded_for),
        cmocka_unit_test(forwarded),
        cmocka_unit_test(several_lines_are_one_list),
        cmocka_unit_test(very_long_ones),
        cmocka_unit_test(any_text_is_read),
        cmocka_unit_test(networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
