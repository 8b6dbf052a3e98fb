/* HTTP against a server that is told what to say. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/random.h"
#include "base/secret.h"
#include "http/failure.h"
#include "http/http.h"
#include "lib/scripted_server.h"
#include "lib/test.h"

static int never(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static const struct stop_source no_stop = {never, NULL, -1};

/* Make ready for a server without anything special. Returns: as http_open. */
static int open_http(struct http **http, const char *server, const struct stop_source *stop)
{
    const char *complaint;
    return http_open(
        http, &(struct http_settings){.server = server, .random = &random_system, .stop = stop},
        &complaint);
}

#define ANSWER(text)                                                                               \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
#define HEAD(status) "HTTP/1.1 " status "\r\nConnection: close\r\n"

/* One exchange with a server that gives one answer; what was asked goes to `asked` if not NULL. */
static int exchange(const struct scripted_answer *script, const struct http_request *request,
                    struct http **http, struct http_answer *answer, char **asked)
{
    struct scripted_server *server = scripted_server_start(script, 1);
    assert_int_equal(open_http(http, scripted_server_url(server), &no_stop), 0);
    int err = http_exchange(*http, request, answer);
    assert_int_equal(scripted_server_join(server), 1);
    if (asked)
        *asked = strdup(scripted_server_request(server, 0));
    scripted_server_free(server);
    return err;
}

static void a_get_gives_status_body_and_headers(void **state)
{
    (void)state;
    const struct scripted_answer script =
        ANSWER(HEAD("404 Not Found") "Reunion-Cursor: abc\r\nContent-Length: 5\r\n\r\nhello");
    const struct http_request request = {.path = "/v1/x", .answer_bytes_max = 5};
    struct http *http;
    struct http_answer answer;
    char *asked;
    assert_int_equal(exchange(&script, &request, &http, &answer, &asked), 0);
    assert_int_equal(answer.status, 404);
    assert_int_equal(answer.bytes, 5);
    assert_memory_equal(answer.body, "hello", 5);
    assert_string_equal(http_header(http, "reunion-cursor"), "abc");
    assert_null(http_header(http, "retry-after"));
    assert_null(http_trouble(http));
    assert_memory_equal(asked, "GET /v1/x HTTP/1.1\r\n", 20);
    assert_non_null(strstr(asked, "\r\nUser-Agent: reunion\r\n"));
    assert_null(strstr(asked, "Authorization"));
    free(asked);
    http_free(http);
}

static void a_post_carries_body_and_write_key(void **state)
{
    (void)state;
    const struct scripted_answer script = ANSWER(HEAD("201 Created") "\r\n");
    const uint8_t key[32] = {0xab, 0xcd};
    const struct http_request request = {.method = HTTP_POST,
                                         .path = "/v1/t1",
                                         .body = (const uint8_t *)"body",
                                         .body_bytes = 4,
                                         .write_key = key,
                                         .answer_bytes_max = 10};
    struct http *http;
    struct http_answer answer;
    char *asked, bearer[128] = "\r\nAuthorization: Bearer ";
    hex_encode(bearer + strlen(bearer), key, sizeof key);
    assert_int_equal(exchange(&script, &request, &http, &answer, &asked), 0);
    assert_int_equal(answer.status, 201);
    assert_int_equal(answer.bytes, 0);
    assert_non_null(strstr(asked, bearer));
    assert_non_null(strstr(asked, "\r\nContent-Type: application/octet-stream\r\n"));
    assert_non_null(strstr(asked, "\r\nContent-Length: 4\r\n"));
    assert_string_equal(strstr(asked, "\r\n\r\n"), "\r\n\r\nbody");
    free(asked);
    http_free(http);
}

/* Whatever is announced, no more than allowed is taken. */
static void answers_are_bounded(void **state)
{
    (void)state;
    const struct {
        struct scripted_answer script;
        int err;
    } cases[] = {
        {ANSWER(HEAD("200 OK") "Content-Length: 8\r\n\r\n12345678"), 0},
        {ANSWER(HEAD("200 OK") "Content-Length: 9\r\n\r\n123456789"), -EPROTO},
        {ANSWER(HEAD("200 OK") "\r\n123456789"), -EPROTO},
        {ANSWER(HEAD("200 OK") "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n1\r\n9\r\n0\r\n"
                               "\r\n"),
         -EPROTO},
        {ANSWER(HEAD("200 OK") "Content-Length: 9\r\n\r\n1234"), -EHOSTUNREACH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_request request = {.path = "/", .answer_bytes_max = 8};
        struct http *http;
        struct http_answer answer;
        assert_int_equal(exchange(&cases[i].script, &request, &http, &answer, NULL), cases[i].err);
        if (cases[i].err)
            assert_non_null(http_trouble(http));
        http_free(http);
    }
}

static void headers_are_bounded(void **state)
{
    (void)state;
    size_t bytes = 64 * 1024;
    char *text = malloc(bytes);
    size_t length = (size_t)snprintf(text, bytes, HEAD("200 OK"));
    while (length < 32 * 1024)
        length += (size_t)snprintf(text + length, bytes - length, "X-Filler: %0100d\r\n", 0);
    length += (size_t)snprintf(text + length, bytes - length, "\r\n");
    const struct scripted_answer script = {text, length};
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    struct http *http;
    struct http_answer answer;
    assert_int_equal(exchange(&script, &request, &http, &answer, NULL), -EPROTO);
    http_free(http);
    free(text);
}

/* The library takes such a line for a lack of memory. */
static void one_header_is_bounded(void **state)
{
    (void)state;
    size_t bytes = 512 * 1024;
    char *text = malloc(bytes);
    size_t length = (size_t)snprintf(text, bytes, HEAD("200 OK") "X-Filler: ");
    memset(text + length, 'a', bytes - length);
    const struct scripted_answer script = {text, bytes};
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    struct http *http;
    struct http_answer answer;
    assert_int_equal(exchange(&script, &request, &http, &answer, NULL), -EPROTO);
    assert_non_null(strstr(http_trouble(http), "too long"));
    http_free(http);
    free(text);
}

static void what_is_no_http_is_told_from_nobody(void **state)
{
    (void)state;
    const struct {
        struct scripted_answer script;
        int err;
    } cases[] = {
        {ANSWER("SSH-2.0-OpenSSH_9.2\r\n"), -EPROTO},
        {ANSWER("HTTP/9.9 200 OK\r\n\r\n"), -EPROTO},
        {{"", 0}, -EHOSTUNREACH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_request request = {.path = "/", .answer_bytes_max = 100};
        struct http *http;
        struct http_answer answer;
        assert_int_equal(exchange(&cases[i].script, &request, &http, &answer, NULL), cases[i].err);
        http_free(http);
    }
}

static void nobody_there_is_unreachable(void **state)
{
    (void)state;
    const struct scripted_answer script = ANSWER(HEAD("200 OK") "\r\n");
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    struct scripted_server *server = scripted_server_start(&script, 1);
    struct http *http;
    struct http_answer answer;
    assert_int_equal(open_http(&http, scripted_server_url(server), &no_stop), 0);
    assert_int_equal(http_exchange(http, &request, &answer), 0);
    scripted_server_join(server);
    assert_int_equal(http_exchange(http, &request, &answer), -EHOSTUNREACH);
    assert_non_null(http_trouble(http));
    scripted_server_free(server);
    http_free(http);
}

/* Through a proxy that answers so to CONNECT. Returns: what is said. */
static void assert_tunnel(const char *status, const char *said, bool certain)
{
    char text[256];
    int length = snprintf(text, sizeof text, "HTTP/1.0 %s\r\nContent-Length: 0\r\n\r\n", status);
    const struct scripted_answer script = {text, (size_t)length};
    struct scripted_server *proxy = scripted_server_start(&script, 1);
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    struct http *http;
    struct http_answer answer;
    const char *complaint;
    const struct http_settings settings = {.server = "https://meet.example",
                                           .proxy = scripted_server_url(proxy),
                                           .random = &random_system,
                                           .stop = &no_stop};
    assert_int_equal(http_open(&http, &settings, &complaint), 0);
    assert_int_equal(http_exchange(http, &request, &answer), -EHOSTUNREACH);
    scripted_server_join(proxy);
    if (!strstr(http_trouble(http), said) || !http_advice(http))
        fail_msg("of %s is said: %s", status, http_trouble(http));
    assert_int_equal(http_is_certain(http), certain);
    scripted_server_free(proxy);
    http_free(http);
}

static void what_a_proxy_answers_to_connect_is_reported(void **state)
{
    (void)state;
    assert_tunnel("407 Authenticate", "asks for a user name and password (status 407)", true);
    assert_tunnel("403 Forbidden", "it does not allow connections there (status 403)", false);
    assert_tunnel("502 Bad Gateway", "is there, but does not reach the server (status 502)", false);
    assert_tunnel("504 Late", "does not reach the server (status 504)", false);
    assert_tunnel("429 Many", "too many requests", false);
    assert_tunnel("302 Found", "redirects us", true);
    assert_tunnel("405 No", "refuses CONNECT (status 405)", false);
    assert_tunnel("501 No", "refuses CONNECT (status 501)", false);
}

/* Interim answers, an old version, and bodies in pieces are all the same to us. */
static void answers_of_many_a_proxy(void **state)
{
    (void)state;
    const struct scripted_answer cases[] = {
        ANSWER("HTTP/1.1 100 Continue\r\n\r\n" HEAD("200 OK") "Content-Length: 5\r\n\r\nhello"),
        ANSWER("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" HEAD("200 OK") "\r\nhello"),
        ANSWER("HTTP/1.0 200 OK\r\n\r\nhello"),
        ANSWER(HEAD("200 OK") "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n"
                              "X-Trailer: 1\r\n\r\n"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_request request = {
            .method = HTTP_POST, .path = "/", .answer_bytes_max = 5};
        struct http *http;
        struct http_answer answer;
        char *asked;
        assert_int_equal(exchange(&cases[i], &request, &http, &answer, &asked), 0);
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer.bytes, 5);
        assert_memory_equal(answer.body, "hello", 5);
        assert_null(strstr(asked, "\r\nExpect:"));
        free(asked);
        http_free(http);
    }
}

/* Nothing is asked of a server that is not reached. Returns: what is said, in `said`. */
static void fail_to_reach(struct http_settings settings, char said[static FAILURE_TEXT_BYTES])
{
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    struct http *http;
    struct http_answer answer;
    const char *complaint;
    settings.random = &random_system;
    settings.stop = &no_stop;
    assert_int_equal(http_open(&http, &settings, &complaint), 0);
    assert_int_equal(http_exchange(http, &request, &answer), -EHOSTUNREACH);
    assert_non_null(http_trouble(http));
    assert_non_null(http_advice(http));
    assert_false(http_is_certain(http));
    snprintf(said, FAILURE_TEXT_BYTES, "%s; %s", http_trouble(http), http_advice(http));
    http_free(http);
}

/* Bound and not listened at: a port that nobody else gets meanwhile. */
static int bind_port(char address[static 64], const char *scheme)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof name;
    int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(bound, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(getsockname(bound, (struct sockaddr *)&name, &bytes), 0);
    snprintf(address, 64, "%s127.0.0.1:%d", scheme, ntohs(name.sin_port));
    return bound;
}

/* Nothing is known of the server then, and nothing said of it. */
static void a_proxy_that_is_not_there_is_named(void **state)
{
    (void)state;
    static const char *const schemes[] = {"socks5h://", "http://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        char proxy[64], said[FAILURE_TEXT_BYTES], wanted[FAILURE_TEXT_BYTES];
        int bound = bind_port(proxy, schemes[i]);
        fail_to_reach((struct http_settings){.server = "https://meet.example", .proxy = proxy},
                      said);
        snprintf(wanted, sizeof wanted,
                 "the proxy %s cannot be reached: nobody listens there: Connection refused; Is the "
                 "proxy running, and are name and port in --proxy the right ones?",
                 proxy);
        assert_string_equal(said, wanted);
        close(bound);
    }
    char said[FAILURE_TEXT_BYTES];
    fail_to_reach((struct http_settings){.server = "https://meet.example",
                                         .proxy = "socks5h://no-such-name.invalid:9050"},
                  said);
    assert_non_null(strstr(said, "the proxy socks5h://no-such-name.invalid:9050 has no"));
}

/* Whatever ends it before the request is sent, but not what comes afterwards. */
static void what_ends_at_a_proxy_is_its_matter(void **state)
{
    (void)state;
    static const struct {
        CURLcode result;
        bool sent;
        const char *said;
    } cases[] = {
        {CURLE_OPERATION_TIMEDOUT, false, "the proxy http://p:1 does not connect us in time"},
        {CURLE_RECV_ERROR, false, "the proxy http://p:1 closed the connection"},
        {CURLE_GOT_NOTHING, false, "the proxy http://p:1 closed the connection"},
        {CURLE_COULDNT_RESOLVE_PROXY, false, "the proxy http://p:1 has no such name"},
        {CURLE_COULDNT_CONNECT, false, "the proxy http://p:1 cannot be reached"},
        {CURLE_COULDNT_CONNECT, true, "the proxy http://p:1 cannot be reached"}, /* tried again */
        {CURLE_OPERATION_TIMEDOUT, true, "no answer in time"},
        {CURLE_GOT_NOTHING, true, "the connection was closed without an answer"},
    };
    CURL *easy = curl_easy_init();
    assert_non_null(easy);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct failure_path path = {
            .proxy = "http://p:1", .socket = "", .sent = cases[i].sent};
        struct failure failure;
        failure_of(&failure, easy, cases[i].result, "", &path);
        if (strncmp(failure.text, cases[i].said, strlen(cases[i].said)) != 0)
            fail_msg("%d gives %s", cases[i].result, failure.text);
        assert_non_null(failure.advice);
        assert_int_equal(failure.err, -EHOSTUNREACH);
        assert_false(failure.certain);
    }
    curl_easy_cleanup(easy);
}

/* Each has its name, and none has a port. */
static void a_socket_that_takes_nobody_is_reported(void **state)
{
    (void)state;
    char folder[] = "/tmp/reunion-http-XXXXXX", said[FAILURE_TEXT_BYTES], address[128];
    assert_non_null(mkdtemp(folder));
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/left", folder);
    int left = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(left, (const struct sockaddr *)&name, sizeof name), 0);
    close(left);
    const struct {
        const char *path, *said;
    } cases[] = {
        {"none", "there is no such socket: No such file or directory; Is the server running, and "
                 "is the path the right one?"},
        {"left/below", "there is no such socket: Not a directory; "},
        {"", "what is there is no socket: Socket operation on non-socket; "},
        {"left", "the socket is there, but nobody listens at it: Connection refused; "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(address, sizeof address, "unix:%s/%s", folder, cases[i].path);
        fail_to_reach((struct http_settings){.server = address}, said);
        if (strncmp(said, cases[i].said, strlen(cases[i].said)) != 0 || strstr(said, "port"))
            fail_msg("of %s is said: %s", address, said);
    }
    assert_int_equal(unlink(name.sun_path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* One that belongs to somebody else; as root in a process that gives its rights up. */
static void a_socket_that_this_user_may_not_use_is_reported(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    char folder[] = "/tmp/reunion-http-XXXXXX", address[128];
    assert_non_null(mkdtemp(folder));
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", folder);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(chmod(name.sun_path, 0), 0);
    snprintf(address, sizeof address, "unix:%s", name.sun_path);
    for (int closed = 0; closed < 2; closed++) {
        assert_int_equal(chmod(folder, closed ? 0 : 0755), 0);
        pid_t child = fork();
        if (child == 0) {
            char said[FAILURE_TEXT_BYTES];
            if (geteuid() == 0 && setuid(NOBODY))
                _exit(2);
            fail_to_reach((struct http_settings){.server = address}, said);
            _exit(strstr(said, "this user may not use that socket: Permission denied; ") ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_int_equal(chmod(folder, 0700), 0);
    close(listener);
    assert_int_equal(unlink(name.sun_path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void why_there_is_no_answer_is_reported(void **state)
{
    (void)state;
    const struct {
        struct scripted_answer script;
        const char *said;
        bool certain, hung_up;
    } cases[] = {
        {{"", 0}, "closed without an answer", false, true},
        {ANSWER(HEAD("200 OK") "Content-Length: 9\r\n\r\n1234"), "in the middle of", false, true},
        {ANSWER("PRI * HTTP/2.0\r\n\r\n"), "does not speak HTTP/1", true, false},
        {ANSWER("SSH-2.0-OpenSSH_9.2\r\n"), "does not speak HTTP/1", true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_request request = {.path = "/", .answer_bytes_max = 8};
        struct http *http;
        struct http_answer answer;
        assert_int_not_equal(exchange(&cases[i].script, &request, &http, &answer, NULL), 0);
        if (!strstr(http_trouble(http), cases[i].said))
            fail_msg("case %zu: %s", i, http_trouble(http));
        assert_int_equal(http_is_certain(http), cases[i].certain);
        assert_int_equal(http_hung_up(http), cases[i].hung_up);
        assert_true(http_waited_ms(http) >= 0);
        http_free(http);
    }
    struct http *http;
    struct http_answer answer;
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    assert_int_equal(open_http(&http, "unix:/nonexistent/socket", &no_stop), 0);
    assert_int_equal(http_exchange(http, &request, &answer), -EHOSTUNREACH);
    assert_non_null(strstr(http_trouble(http), "no such socket: No such file"));
    assert_int_equal(http_waited_ms(http), -1);
    assert_false(http_hung_up(http));
    http_free(http);
}

static void redirects_are_not_followed(void **state)
{
    (void)state;
    const struct scripted_answer script =
        ANSWER(HEAD("302 Found") "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    const struct http_request request = {.path = "/", .answer_bytes_max = 8};
    struct http *http;
    struct http_answer answer;
    assert_int_equal(exchange(&script, &request, &http, &answer, NULL), 0);
    assert_int_equal(answer.status, 302);
    http_free(http);
}

/* A stop that is asked for while the server says nothing: the second time it is looked for. */
static int second_time(void *state, int64_t ms)
{
    (void)ms;
    int *asked = state;
    return ++*asked >= 2 ? -ECANCELED : 0;
}

static void a_stop_ends_a_wait(void **state)
{
    (void)state;
    const struct scripted_answer silence = {NULL, 0};
    const struct http_request request = {.path = "/", .wait_ms = 60000, .answer_bytes_max = 8};
    struct scripted_server *server = scripted_server_start(&silence, 1);
    int asked = 0, fd = eventfd(1, EFD_CLOEXEC);
    struct stop_source stop = {second_time, &asked, fd};
    struct http *http;
    struct http_answer answer;
    assert_int_equal(open_http(&http, scripted_server_url(server), &stop), 0);
    assert_int_equal(http_exchange(http, &request, &answer), -ECANCELED);
    http_free(http);
    scripted_server_join(server);
    scripted_server_free(server);
    close(fd);
}

static void too_long_a_url_is_refused(void **state)
{
    (void)state;
    char path[HTTP_URL_BYTES_MAX];
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    const struct http_request request = {.path = path, .answer_bytes_max = 8};
    struct http *http;
    struct http_answer answer;
    assert_int_equal(open_http(&http, "http://127.0.0.1:1", &no_stop), 0);
    assert_int_equal(http_exchange(http, &request, &answer), -EINVAL);
    http_free(http);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_gives_status_body_and_headers),
        cmocka_unit_test(a_post_carries_body_and_write_key),
        cmocka_unit_test(answers_are_bounded),
        cmocka_unit_test(headers_are_bounded),
        cmocka_unit_test(one_header_is_bounded),
        cmocka_unit_test(what_is_no_http_is_told_from_nobody),
        cmocka_unit_test(nobody_there_is_unreachable),
        cmocka_unit_test(what_a_proxy_answers_to_connect_is_reported),
        cmocka_unit_test(a_proxy_that_is_not_there_is_named),
        cmocka_unit_test(what_ends_at_a_proxy_is_its_matter),
        cmocka_unit_test(a_socket_that_takes_nobody_is_reported),
        cmocka_unit_test(a_socket_that_this_user_may_not_use_is_reported),
        cmocka_unit_test(answers_of_many_a_proxy),
        cmocka_unit_test(why_there_is_no_answer_is_reported),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(a_stop_ends_a_wait),
        cmocka_unit_test(too_long_a_url_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
