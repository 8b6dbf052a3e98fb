/* Answers of others than a REUNION server, told from its own and in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "http/http.h"
#include "lib/scripted_server.h"
#include "lib/test.h"
#include "transport/foreign_answer.h"

static int never(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static const struct stop_source no_stop = {never, NULL, -1};

struct foreign_case {
    const char *status, *headers, *body;
    enum foreign_answer foreign;
    const char *said;
    bool certain;
};

static void assert_known(const struct foreign_case *one)
{
    char text[2048];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %s\r\nConnection: close\r\n%sContent-Length: %zu\r\n"
                          "\r\n%s",
                          one->status, one->headers, strlen(one->body), one->body);
    const struct scripted_answer script = {text, (size_t)length};
    struct scripted_server *server = scripted_server_start(&script, 1);
    const struct http_request request = {.path = "/", .answer_bytes_max = 4096};
    struct http *http;
    struct http_answer answer;
    const char *complaint;
    assert_int_equal(http_open(&http,
                               &(struct http_settings){.server = scripted_server_url(server),
                                                       .random = &random_system,
                                                       .stop = &no_stop},
                               &complaint),
                     0);
    assert_int_equal(http_exchange(http, &request, &answer), 0);
    assert_int_equal(scripted_server_join(server), 1);
    assert_non_null(
        strstr(scripted_server_request(server, 0), "\r\nAccept-Encoding: identity\r\n"));
    scripted_server_free(server);
    enum foreign_answer foreign = foreign_answer_of(http, &answer);
    const char *said = foreign_answer_explain(http, &answer, foreign);
    if (foreign != one->foreign || (one->said && (!said || !strstr(said, one->said))))
        fail_msg("%s %s %s is %d: %s", one->status, one->headers, one->body, foreign,
                 said ? said : "nothing");
    assert_int_equal(http_is_certain(http), one->certain);
    assert_true((said == NULL) == (foreign == FOREIGN_NONE));
    http_free(http);
}

static void each_is_reported_by_its_name(void **state)
{
    (void)state;
    static const char problem[] = "{\"type\":\"urn:reunion:problem:x\"}";
    static const struct foreign_case cases[] = {
        {"200 OK", "", "{}", FOREIGN_NONE, NULL, false},
        {"201 Created", "Content-Encoding: identity\r\n", "{}", FOREIGN_NONE, NULL, false},
        {"503 Service Unavailable", "", problem, FOREIGN_NONE, NULL, false},
        {"403 Forbidden", "", problem, FOREIGN_NONE, NULL, false},
        {"200 OK", "Content-Encoding: gzip\r\n", "x", FOREIGN_PACKED, "Encoding: gzip", true},
        {"404 Not Found", "Content-Encoding: br\r\n", "x", FOREIGN_PACKED, "br", true},
        {"200 OK", "", " \r\n<!DOCTYPE html><html>", FOREIGN_PAGE, "a web page", true},
        {"200 OK", "", "<html>", FOREIGN_PAGE, "a web page", true},
        {"301 Moved", "Location: https://login.example/x?y\r\n", "", FOREIGN_REDIRECT,
         "redirects us to https://login.example, and", true},
        {"302 Found", "Location: http://192.0.2.1:8080/\r\n", "", FOREIGN_REDIRECT,
         "http://192.0.2.1:8080, and redirects are not followed (status 302)", true},
        {"307 Temporary", "Location: /there\r\n", "", FOREIGN_REDIRECT, "another path", true},
        {"308 Permanent", "", "", FOREIGN_REDIRECT, "nowhere", true},
        {"401 Unauthorized", "", "<html>", FOREIGN_PASSWORD, "what answers there asks", true},
        {"407 Proxy", "", "", FOREIGN_PASSWORD, "a proxy there asks for a user name", true},
        {"511 Network", "", "<html>", FOREIGN_LOGIN, "asks for a login first", true},
        {"403 Forbidden", "", "<html>", FOREIGN_FORBIDS, "forbids the request", false},
        {"451 Legal", "", "", FOREIGN_FORBIDS, "status 451", false},
        {"429 Too Many", "", "", FOREIGN_BUSY, "too many requests", false},
        {"502 Bad Gateway", "", "<html>", FOREIGN_GATEWAY,
         "the proxy is there, the server behind it is not (status 502)", false},
        {"503 Unavailable", "", "", FOREIGN_GATEWAY, "behind it is not", false},
        {"521 Down", "", "", FOREIGN_GATEWAY, "behind it is not", false},
        {"504 Late", "", "", FOREIGN_LATE, "does not answer in time", false},
        {"408 Late", "", "", FOREIGN_LATE, "does not answer in time", false},
        {"499 Late", "", "", FOREIGN_LATE, "does not answer in time", false},
        {"524 Late", "", "", FOREIGN_LATE, "does not answer in time", false},
        {"404 Not Found", "", "<html>", FOREIGN_OTHER, "with status 404", true},
        {"204 Nothing", "", "", FOREIGN_OTHER, "with status 204", true},
        {"500 Oh", "", "", FOREIGN_OTHER, "with status 500", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_known(&cases[i]);
}

/* What a stranger writes is shown as plain text of a bounded length. */
static void a_location_does_no_harm(void **state)
{
    (void)state;
    static const struct foreign_case odd = {
        "302 Found", "Location: http://a\x1b[31mb/\r\n", "", FOREIGN_REDIRECT, NULL, true};
    assert_known(&odd);
    char headers[1024] = "Location: http://";
    memset(headers + strlen(headers), 'x', 700);
    strcpy(headers + strlen("Location: http://") + 700, ".example/\r\n");
    const struct foreign_case longest = {"302 Found",      headers,        "",
                                         FOREIGN_REDIRECT, "not followed", true};
    assert_known(&longest);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_reported_by_its_name),
        cmocka_unit_test(a_location_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
