/* A client's end of a box stream, against a server that is played step by step. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "base/secret.h"
#include "http/box_tunnel.h"
#include "lib/test.h"

/* Both ends of a tunnel: `wire` is the server's network socket, `library` the local one. */
struct play {
    struct box_identity own;
    struct box_server handshake;
    struct box_stream stream;
    struct box_tunnel *tunnel;
    int wire, library;
};

static void begin(struct play *play)
{
    int pair[2];
    *play = (struct play){.library = -1};
    box_pair(play->own.public_key, play->own.secret, &random_system);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    play->wire = pair[1];
    assert_int_equal(
        box_tunnel_open(&play->tunnel, pair[0], play->own.public_key, NULL, &random_system), 0);
    box_tunnel_step(play->tunnel);
}

static void cut(struct play *play)
{
    if (play->wire >= 0)
        close(play->wire);
    play->wire = -1;
}

static void end(struct play *play)
{
    box_tunnel_free(play->tunnel);
    cut(play);
    if (play->library >= 0)
        close(play->library);
}

static void take(int socket, uint8_t *bytes, size_t count)
{
    assert_int_equal(recv(socket, bytes, count, 0), (ssize_t)count);
}

static void put(int socket, const void *bytes, size_t count)
{
    assert_int_equal(send(socket, bytes, count, MSG_NOSIGNAL), (ssize_t)count);
}

static void make_cookie(struct play *play, uint8_t cookie[static BOX_COOKIE_BYTES])
{
    uint8_t hello[BOX_HELLO_BYTES];
    take(play->wire, hello, sizeof hello);
    assert_int_equal(
        box_server_start(&play->handshake, cookie, &play->own, hello, sizeof hello, &random_system),
        0);
}

static void greet(struct play *play)
{
    uint8_t cookie[BOX_COOKIE_BYTES], vouch[BOX_VOUCH_BYTES], client[BOX_KEY_BYTES];
    make_cookie(play, cookie);
    assert_false(box_tunnel_has_greeted(play->tunnel));
    put(play->wire, cookie, sizeof cookie);
    box_tunnel_step(play->tunnel);
    assert_true(box_tunnel_has_greeted(play->tunnel));
    take(play->wire, vouch, sizeof vouch);
    assert_int_equal(
        box_server_finish(&play->handshake, &play->stream, client, vouch, sizeof vouch, NULL), 0);
}

/* Connect as the HTTP library does. */
static void attach(struct play *play)
{
    struct sockaddr_un at;
    socklen_t bytes;
    if (play->library >= 0)
        close(play->library);
    play->library = box_tunnel_offer(play->tunnel, &at, &bytes);
    assert_true(play->library >= 0);
    assert_int_equal(connect(play->library, (const struct sockaddr *)&at, bytes), 0);
    box_tunnel_step(play->tunnel);
}

static void start(struct play *play)
{
    begin(play);
    greet(play);
    assert_true(box_tunnel_is_ready(play->tunnel));
    box_tunnel_begin(play->tunnel);
    attach(play);
}

static size_t make_frame(struct play *play, uint8_t frame[static BOX_FRAME_BYTES_MAX],
                         const char *content)
{
    size_t bytes = strlen(content);
    assert_int_equal(box_frame_seal(&play->stream, frame, (const uint8_t *)content, bytes), 0);
    return box_frame_bytes(bytes);
}

static void answer(struct play *play, const char *content)
{
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    put(play->wire, frame, make_frame(play, frame, content));
    box_tunnel_step(play->tunnel);
}

/* What comes out at the server's side next is a frame with this content; "": the end. */
static void assert_asked(struct play *play, const char *content)
{
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    const uint8_t *opened;
    size_t bytes = box_frame_bytes(strlen(content)), opened_bytes;
    take(play->wire, frame, bytes);
    assert_int_equal(box_frame_open(&play->stream, &opened, &opened_bytes, frame, bytes), 0);
    assert_int_equal(opened_bytes, strlen(content));
    assert_memory_equal(opened, content, opened_bytes);
}

static void assert_read(struct play *play, const char *content)
{
    char read[64];
    assert_int_equal(recv(play->library, read, sizeof read, 0), (ssize_t)strlen(content));
    assert_memory_equal(read, content, strlen(content));
}

static void assert_silent(struct play *play)
{
    char read;
    assert_int_equal(recv(play->library, &read, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

static void assert_ended(struct play *play)
{
    char read;
    assert_int_equal(recv(play->library, &read, 1, 0), 0);
}

static void exchange(struct play *play, const char *request, const char *reply)
{
    put(play->library, request, strlen(request));
    box_tunnel_step(play->tunnel);
    assert_asked(play, request);
    answer(play, reply);
    assert_read(play, reply);
}

static void one_stream_carries_one_exchange_after_the_other(void **state)
{
    (void)state;
    struct play play;
    struct sockaddr_un at;
    socklen_t bytes;
    start(&play);
    exchange(&play, "one", "first");
    assert_int_equal(box_tunnel_offer(play.tunnel, &at, &bytes), -1);
    assert_true(box_tunnel_has_passed(play.tunnel));
    close(play.library);
    play.library = -1;
    box_tunnel_step(play.tunnel);
    assert_true(box_tunnel_is_ready(play.tunnel));
    box_tunnel_begin(play.tunnel);
    assert_false(box_tunnel_has_passed(play.tunnel));
    attach(&play);
    exchange(&play, "two", "second");
    box_tunnel_free(play.tunnel);
    play.tunnel = NULL;
    assert_asked(&play, "");
    end(&play);
}

static void what_nobody_read_is_no_part_of_the_next_exchange(void **state)
{
    (void)state;
    struct play play;
    start(&play);
    answer(&play, "unread");
    assert_false(box_tunnel_is_ready(play.tunnel));
    close(play.library);
    play.library = -1;
    box_tunnel_step(play.tunnel);
    assert_false(box_tunnel_is_ready(play.tunnel));
    box_tunnel_begin(play.tunnel);
    assert_false(box_tunnel_is_ready(play.tunnel));
    end(&play);

    start(&play);
    exchange(&play, "one", "first");
    close(play.library);
    play.library = -1;
    answer(&play, "too late"); /* for the exchange before */
    assert_false(box_tunnel_is_ready(play.tunnel));
    end(&play);
}

static void the_end_is_an_end(void **state)
{
    (void)state;
    struct play play;
    start(&play);
    answer(&play, "whole");
    answer(&play, "");
    cut(&play); /* which is no cut any more */
    box_tunnel_step(play.tunnel);
    assert_read(&play, "whole");
    assert_ended(&play);
    assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_SOUND);
    assert_false(box_tunnel_is_cut(play.tunnel));
    assert_false(box_tunnel_is_ready(play.tunnel));
    end(&play);
}

/* However much came of the next frame, what came before it is not taken for the whole. */
static void a_cut_is_no_end(void **state)
{
    (void)state;
    for (size_t part = 0; part < box_frame_bytes(4); part++) {
        struct play play;
        uint8_t frame[BOX_FRAME_BYTES_MAX];
        start(&play);
        answer(&play, "half");
        make_frame(&play, frame, "half");
        if (part > 0)
            put(play.wire, frame, part);
        cut(&play);
        box_tunnel_step(play.tunnel);
        assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_CUT);
        assert_false(box_tunnel_is_cut(play.tunnel)); /* "half" is still to be read */
        assert_read(&play, "half");
        assert_true(box_tunnel_is_cut(play.tunnel));
        assert_silent(&play);
        assert_false(box_tunnel_is_ready(play.tunnel));
        end(&play);
    }
}

static void a_cut_before_an_answer_closes(void **state)
{
    (void)state;
    struct play play;
    start(&play);
    put(play.library, "ask", 3);
    box_tunnel_step(play.tunnel);
    cut(&play);
    box_tunnel_step(play.tunnel);
    assert_ended(&play);
    end(&play);
}

static void altered_frames_are_not_passed_on(void **state)
{
    (void)state;
    uint8_t frame[BOX_FRAME_BYTES_MAX], twice[BOX_FRAME_BYTES_MAX];
    struct play play;
    start(&play);
    answer(&play, "half");
    size_t bytes = make_frame(&play, frame, "more");
    end(&play);
    for (size_t at = 0; at < bytes; at++) {
        start(&play);
        answer(&play, "half");
        make_frame(&play, frame, "more");
        frame[at] ^= 1;
        put(play.wire, frame, bytes);
        box_tunnel_step(play.tunnel);
        assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_ALTERED);
        assert_read(&play, "half");
        assert_silent(&play);
        assert_true(box_tunnel_is_cut(play.tunnel));
        end(&play);
    }
    start(&play); /* a frame once more */
    bytes = make_frame(&play, twice, "half");
    put(play.wire, twice, bytes);
    put(play.wire, twice, bytes);
    box_tunnel_step(play.tunnel);
    assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_ALTERED);
    assert_read(&play, "half");
    assert_silent(&play);
    end(&play);
}

static void frames_of_no_length_break_the_stream(void **state)
{
    (void)state;
    static const uint8_t lengths[][2] = {{0, 0},  {0, 16},      {1, 15},
                                         {1, 17}, {0x41, 0x10}, {255, 255}};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct play play;
        start(&play);
        put(play.wire, lengths[i], 2);
        box_tunnel_step(play.tunnel);
        assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_ALTERED);
        assert_ended(&play);
        end(&play);
    }
}

static void a_cookie_of_another_key_is_refused(void **state)
{
    (void)state;
    struct play play, other;
    uint8_t cookie[BOX_COOKIE_BYTES];
    for (size_t at = 0; at < sizeof cookie; at++) {
        begin(&play);
        make_cookie(&play, cookie);
        cookie[at] ^= 0x10;
        put(play.wire, cookie, sizeof cookie);
        box_tunnel_step(play.tunnel);
        assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_WRONG_KEY);
        assert_false(box_tunnel_has_greeted(play.tunnel));
        end(&play);
    }
    begin(&play); /* one that answers somebody else's Hello */
    begin(&other);
    make_cookie(&other, cookie);
    put(play.wire, cookie, sizeof cookie);
    box_tunnel_step(play.tunnel);
    assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_WRONG_KEY);
    end(&play);
    end(&other);
}

static void a_handshake_may_be_cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t part = 0; part < BOX_COOKIE_BYTES; part++) {
        struct play play;
        uint8_t cookie[BOX_COOKIE_BYTES];
        begin(&play);
        make_cookie(&play, cookie);
        if (part > 0)
            put(play.wire, cookie, part);
        box_tunnel_step(play.tunnel);
        assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_SOUND);
        cut(&play);
        box_tunnel_step(play.tunnel);
        assert_int_equal(box_tunnel_fault(play.tunnel, NULL), BOX_TUNNEL_LEFT);
        end(&play);
    }
}

static void a_byte_at_a_time_is_enough(void **state)
{
    (void)state;
    struct play play;
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    start(&play);
    size_t bytes = make_frame(&play, frame, "slowly");
    for (size_t at = 0; at < bytes; at++) {
        assert_silent(&play);
        put(play.wire, frame + at, 1);
        box_tunnel_step(play.tunnel);
    }
    assert_read(&play, "slowly");
    end(&play);
}

static void other_processes_do_not_get_in(void **state)
{
    (void)state;
    struct play play;
    struct sockaddr_un at;
    socklen_t bytes;
    char read;
    begin(&play);
    greet(&play);
    play.library = box_tunnel_offer(play.tunnel, &at, &bytes);
    assert_true(play.library >= 0);
    pid_t stranger = fork();
    if (stranger == 0) {
        int connection = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(connection, (const struct sockaddr *)&at, bytes))
            _exit(1);
        send(connection, "mine", 4, MSG_NOSIGNAL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(stranger, &status, 0), stranger);
    assert_int_equal(status, 0);
    box_tunnel_step(play.tunnel);
    assert_int_equal(recv(play.wire, &read, 1, 0), -1); /* nothing went out */
    assert_int_equal(connect(play.library, (const struct sockaddr *)&at, bytes), 0);
    box_tunnel_step(play.tunnel);
    exchange(&play, "ours", "yours");
    end(&play);
}

static void no_more_than_a_frame_is_buffered(void **state)
{
    (void)state;
    char piece[BOX_FRAME_CONTENT_BYTES_MAX + 1];
    struct play play;
    size_t sent = 0, got = 0;
    start(&play);
    memset(piece, 'x', sizeof piece - 1);
    piece[sizeof piece - 1] = '\0';
    /* Nobody reads: neither the library's socket nor the wire fills without bound. */
    for (ssize_t taken = 1; taken > 0;) {
        uint8_t frame[BOX_FRAME_BYTES_MAX];
        size_t bytes = make_frame(&play, frame, piece);
        taken = send(play.wire, frame, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
        box_tunnel_step(play.tunnel);
        if (taken == (ssize_t)bytes)
            sent += sizeof piece - 1;
        else
            break;
        assert_true(sent < 64U << 20);
    }
    assert_true(sent > 0);
    for (;;) {
        char read[8192];
        ssize_t part = recv(play.library, read, sizeof read, 0);
        if (part <= 0)
            break;
        got += (size_t)part;
        box_tunnel_step(play.tunnel);
    }
    assert_true(got >= sent);
    end(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stream_carries_one_exchange_after_the_other),
        cmocka_unit_test(what_nobody_read_is_no_part_of_the_next_exchange),
        cmocka_unit_test(the_end_is_an_end),
        cmocka_unit_test(a_cut_is_no_end),
        cmocka_unit_test(a_cut_before_an_answer_closes),
        cmocka_unit_test(altered_frames_are_not_passed_on),
        cmocka_unit_test(frames_of_no_length_break_the_stream),
        cmocka_unit_test(a_cookie_of_another_key_is_refused),
        cmocka_unit_test(a_handshake_may_be_cut_at_every_byte),
        cmocka_unit_test(a_byte_at_a_time_is_enough),
        cmocka_unit_test(other_processes_do_not_get_in),
        cmocka_unit_test(no_more_than_a_frame_is_buffered),
    };
    return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
