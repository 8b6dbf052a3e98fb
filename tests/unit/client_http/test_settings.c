/* Which ways to a server are taken, and what is said about the others. */
#include <stdio.h>
#include <string.h>

#include "http/http_settings.h"
#include "lib/test.h"

static int check(const struct http_settings *settings, const char **complaint)
{
    struct server_address address;
    *complaint = NULL;
    return http_settings_check(settings, &address, complaint);
}

static void assert_good(struct http_settings settings)
{
    const char *complaint;
    int err = check(&settings, &complaint);
    if (err)
        fail_msg("%s: %s", settings.server, complaint);
}

/* It is refused, and what is said has this in it. */
static void assert_refused(struct http_settings settings, const char *said)
{
    const char *complaint;
    assert_int_equal(check(&settings, &complaint), -EINVAL);
    assert_non_null(complaint);
    if (!strstr(complaint, said))
        fail_msg("%s: \"%s\" does not say \"%s\"", settings.server, complaint, said);
}

#define WAY(...)                                                                                   \
    (struct http_settings)                                                                         \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void addresses_are_read(void **state)
{
    (void)state;
    const struct {
        const char *text, *base, *socket;
        bool https, onion, loopback;
    } cases[] = {
        {"http://127.0.0.1:5000", "http://127.0.0.1:5000", "", false, false, true},
        {"http://127.1.2.3/", "http://127.1.2.3", "", false, false, true},
        {"http://LOCALHOST:80/x//", "http://LOCALHOST:80/x", "", false, false, true},
        {"http://[::1]:80", "http://[::1]:80", "", false, false, true},
        {"http://0x7f.1", "http://0x7f.1", "", false, false, true},
        {"https://example.org/reunion", "https://example.org/reunion", "", true, false, false},
        {"HTTP://abc.ONION", "HTTP://abc.ONION", "", false, true, false},
        {"http://127.0.0.1.example.org", "http://127.0.0.1.example.org", "", false, false, false},
        {"http://localhost.example.org", "http://localhost.example.org", "", false, false, false},
        {"http://128.0.0.1", "http://128.0.0.1", "", false, false, false},
        {"http://onion", "http://onion", "", false, false, false},
        {"unix:/run/x.sock", "http://localhost", "/run/x.sock", false, false, true},
        {"unix:x.sock", "http://localhost", "x.sock", false, false, true},
        {"http+unix://%2Frun%2Fx.sock", "http://localhost", "/run/x.sock", false, false, true},
        {"http+unix://%2Fx/a/", "http://localhost/a", "/x", false, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server_address address;
        assert_int_equal(server_address_parse(&address, cases[i].text), 0);
        assert_string_equal(address.base, cases[i].base);
        assert_string_equal(address.socket, cases[i].socket);
        assert_int_equal(address.https, cases[i].https);
        assert_int_equal(address.onion, cases[i].onion);
        assert_int_equal(address.loopback, cases[i].loopback);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "127.0.0.1:5000",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
        "https://",
        "http://user@127.0.0.1",
        "http://user:password@127.0.0.1",
        "http://127.0.0.1/?query",
        "http://127.0.0.1/#fragment",
        "http://127.0.0.1:99999",
        "http://exa mple.org",
        "unix:",
        "http+unix://",
        "http+unix:///x",
        "http+unix://%2Fx%00y",
        "http+unix://%2Fx/?query",
    };
    struct server_address address;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(server_address_parse(&address, bad[i]), -EINVAL);
        assert_refused(WAY(.server = bad[i]), "--server");
    }
    char text[2 * SERVER_ADDRESS_BYTES_MAX];
    snprintf(text, sizeof text, "unix:/%0*d", SERVER_ADDRESS_SOCKET_BYTES - 1, 0);
    assert_int_equal(server_address_parse(&address, text), -EINVAL);
    snprintf(text, sizeof text, "http://127.0.0.1/%0*d", SERVER_ADDRESS_BYTES_MAX, 0);
    assert_int_equal(server_address_parse(&address, text), -EINVAL);
}

#define BOX_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static void box_addresses_are_read(void **state)
{
    (void)state;
    const struct {
        const char *text, *host;
        uint16_t port;
        bool onion, loopback;
    } cases[] = {
        {"box://meet.example#" BOX_KEY, "meet.example", 5443, false, false},
        {"box://127.0.0.1:1#" BOX_KEY, "127.0.0.1", 1, false, true},
        {"box://localhost#" BOX_KEY, "localhost", 5443, false, true},
        {"box://[::1]:65535#" BOX_KEY, "::1", 65535, false, true},
        {"box://[2001:db8::1]#" BOX_KEY, "2001:db8::1", 5443, false, false},
        {"box://abc.onion:5443#" BOX_KEY, "abc.onion", 5443, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server_address address;
        assert_int_equal(server_address_parse(&address, cases[i].text), 0);
        assert_true(address.boxed);
        assert_false(address.https);
        assert_string_equal(address.base, "http://localhost"); /* names nobody */
        assert_string_equal(address.socket, "");
        assert_string_equal(address.box.host, cases[i].host);
        assert_int_equal(address.box.port, cases[i].port);
        assert_int_equal(address.box.key[31], 31);
        assert_int_equal(address.onion, cases[i].onion);
        assert_int_equal(address.loopback, cases[i].loopback);
    }
}

static void addresses_of_one_server_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        bool same;
    } cases[] = {
        {"https://meet.example/x", "https://meet.example/x//", true},
        {"https://meet.example/x", "https://meet.example/y", false},
        {"https://meet.example", "HTTPS://Meet.Example:443/", true},
        {"https://meet.example/x", "https://meet.example/X", false},
        {"https://meet.example", "http://meet.example", false},
        {"https://meet.example", "https://meet.example:444", false},
        {"http://localhost:5", "http://127.0.0.1:5", true},
        {"http://[::1]:5", "http://127.0.0.1:5", false},
        {"http://127.0.0.1:5", "http://127.0.0.2:5", false},
        {"unix:/run/x.sock", "http+unix://%2Frun%2Fx.sock", true},
        {"unix:/run/x.sock", "http://localhost", false},
        {"box://meet.example#" BOX_KEY, "box://[::1]:1#" BOX_KEY, true},
        {"box://meet.example#" BOX_KEY, "box+udp://meet.example#" BOX_KEY, true},
        {"box://meet.example#" BOX_KEY, "http://localhost", false},
        {"box://[::1]#" BOX_KEY, "box://[::1]#AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server_address one, other;
        assert_int_equal(server_address_parse(&one, cases[i].one), 0);
        assert_int_equal(server_address_parse(&other, cases[i].other), 0);
        assert_int_equal(server_address_is_same(&one, &other), cases[i].same);
        assert_int_equal(server_address_is_same(&other, &one), cases[i].same);
    }
}

static void what_is_no_box_address_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int err;
        const char *said;
    } cases[] = {
        {"box://meet.example", -ENOENT, "behind #"},
        {"box://", -ENOENT, "behind #"},
        {"box://#" BOX_KEY, -EDESTADDRREQ, "HOST or HOST:PORT"},
        {"box://meet.example#", -EBADMSG, "all of it copied"},
        {"box://meet.example#" BOX_KEY "A", -EBADMSG, "all of it copied"},
        {"box://meet.example/path#" BOX_KEY, -EDESTADDRREQ, "HOST or HOST:PORT"},
        {"box://name@meet.example#" BOX_KEY, -EDESTADDRREQ, "HOST or HOST:PORT"},
        {"box://meet.example:0#" BOX_KEY, -EDESTADDRREQ, "a port is 1 to 65535"},
        {"box://2001:db8::1#" BOX_KEY, -EDESTADDRREQ, "stands in brackets"},
        {"box://meet.example#" BOX_KEY "\n", -EBADMSG, "a blank before or behind"},
        {"box+udp://meet.example", -ENOENT, "behind #"},
        {"box+udp://meet.example#", -EBADMSG, "all of it copied"},
        /* Keys of small order: 0 and 1. */
        {"box://meet.example#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", -EBADMSG, "key"},
        {"box://meet.example#AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", -EBADMSG, "key"},
    };
    struct server_address address;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(server_address_parse(&address, cases[i].text), cases[i].err);
        assert_refused(WAY(.server = cases[i].text), cases[i].said);
    }
}

/* They go nowhere but straight to the server. */
static void packets_need_a_straight_way(void **state)
{
    (void)state;
    assert_good(WAY(.server = "box+udp://meet.example#" BOX_KEY));
    assert_refused(
        WAY(.server = "box+udp://meet.example#" BOX_KEY, .proxy = "socks5h://127.0.0.1:9050"),
        "box:// address");
    assert_refused(WAY(.server = "box+udp://meet.example#" BOX_KEY, .proxy = "http://127.0.0.1:1"),
                   "box:// address");
    assert_refused(WAY(.server = "box+udp://abc.onion#" BOX_KEY), "onion service");
    assert_refused(
        WAY(.server = "box+udp://abc.onion#" BOX_KEY, .proxy = "socks5h://127.0.0.1:9050"),
        "onion service");
    assert_refused(WAY(.server = "box+udp://meet.example#" BOX_KEY, .ca_file = "/dev/null"),
                   "key in its address");
}

/* It is encrypted to the key, so nothing else has to be. */
static void a_box_needs_no_tls(void **state)
{
    (void)state;
    const char *pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_good(WAY(.server = "box://meet.example#" BOX_KEY));
    assert_good(WAY(.server = "box://meet.example#" BOX_KEY, .proxy = "socks5h://127.0.0.1:9050"));
    assert_good(WAY(.server = "box://abc.onion#" BOX_KEY, .proxy = "socks5h://127.0.0.1:9050"));
    assert_refused(WAY(.server = "box://abc.onion#" BOX_KEY), "--proxy");
    assert_refused(WAY(.server = "box://meet.example#" BOX_KEY, .pin = pin), "key in its address");
    assert_refused(WAY(.server = "box://meet.example#" BOX_KEY, .ca_file = "/dev/null"),
                   "key in its address");
}

static void nobody_on_the_way_reads_along(void **state)
{
    (void)state;
    assert_good(WAY(.server = "http://127.0.0.1:5000"));
    assert_good(WAY(.server = "https://example.org"));
    assert_good(WAY(.server = "unix:/run/x.sock"));
    assert_good(WAY(.server = "http://example.org", .insecure_http = true));
    assert_refused(WAY(.server = "http://example.org"), "--insecure-http");
    assert_refused(WAY(.server = "http://192.168.1.1"), "--insecure-http");
    assert_refused(WAY(.server = "http://[::ffff:127.0.0.1]"), "--insecure-http");
}

static void onions_need_tor(void **state)
{
    (void)state;
    const char *tor = "socks5h://127.0.0.1:9050";
    assert_good(WAY(.server = "http://abc.onion", .proxy = tor));
    assert_good(WAY(.server = "https://abc.onion", .proxy = tor));
    assert_refused(WAY(.server = "http://abc.onion"), "--proxy");
    assert_refused(WAY(.server = "https://abc.onion", .insecure_http = true), "--proxy");
}

static void proxies(void **state)
{
    (void)state;
    static const char *const good[] = {"socks5h://127.0.0.1:9050", "SOCKS5H://tor",
                                       "http://[::1]:1", "http://proxy.example.org:8080/"};
    static const char *const bad[] = {"",
                                      "127.0.0.1:9050",
                                      "https://proxy.example.org",
                                      "socks5h://",
                                      "socks5h://name:secret@127.0.0.1:9050",
                                      "http://name@127.0.0.1",
                                      "http://127.0.0.1/path",
                                      "http://127.0.0.1/?x"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_good(WAY(.server = "https://example.org", .proxy = good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(WAY(.server = "https://example.org", .proxy = bad[i]), "--proxy wants");
    static const char *const leaks[] = {"socks5://127.0.0.1", "socks4://x", "socks4a://x"};
    for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++)
        assert_refused(WAY(.server = "https://example.org", .proxy = leaks[i]), "names");
    assert_refused(WAY(.server = "http://127.0.0.1", .proxy = good[0]), "--insecure-http");
    assert_good(WAY(.server = "http://127.0.0.1", .proxy = good[0], .insecure_http = true));
    assert_refused(WAY(.server = "unix:/x", .proxy = good[0]), "--proxy");
}

#define HASH "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8="

static void pins_and_authorities(void **state)
{
    (void)state;
    const char *server = "https://example.org";
    assert_good(WAY(.server = server, .pin = HASH));
    assert_good(WAY(.server = server, .pin = HASH ";" HASH));
    static const char *const bad[] = {"",
                                      "/etc/passwd",
                                      "sha256//",
                                      "sha256//AAAA=",
                                      "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8",
                                      HASH ";",
                                      HASH ";/etc/passwd",
                                      HASH HASH};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(WAY(.server = server, .pin = bad[i]), "--pin");
    assert_good(WAY(.server = server, .ca_file = "/dev/null"));
    assert_refused(WAY(.server = server, .ca_file = "/nowhere/ca.pem"), "--cacert");
    assert_refused(WAY(.server = "http://127.0.0.1", .pin = HASH), "https");
    assert_refused(WAY(.server = "unix:/x", .ca_file = "/dev/null"), "https");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(box_addresses_are_read),
        cmocka_unit_test(addresses_of_one_server_are_known),
        cmocka_unit_test(what_is_no_box_address_is_refused),
        cmocka_unit_test(packets_need_a_straight_way),
        cmocka_unit_test(a_box_needs_no_tls),
        cmocka_unit_test(nobody_on_the_way_reads_along),
        cmocka_unit_test(onions_need_tor),
        cmocka_unit_test(proxies),
        cmocka_unit_test(pins_and_authorities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
