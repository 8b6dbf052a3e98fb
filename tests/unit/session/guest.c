#include "guest.h"

#include <string.h>

#include "lib/test.h"
#include "session/session_progress.h"

static bool is_new(struct guest *guest, const struct session_event *event)
{
    enum seen_messages_news news = SEEN_MESSAGES_NEW;
    size_t number;
    int err = seen_messages_add(&guest->seen_messages, 0, event->message, event->message_bytes,
                                &news, &number);
    guest->event_lost = guest->event_lost || err;
    return news == SEEN_MESSAGES_NEW || news == SEEN_MESSAGES_AGAIN;
}

static void take_event(void *state, const struct session_event *event)
{
    struct guest *guest = state;
    guest->reported[event->kind]++;
    if (event->kind == SESSION_OPENED)
        seen_messages_renew(&guest->seen_messages, 0);
    if (event->kind == SESSION_REVEALED && is_new(guest, event)) {
        assert_true(guest->message_count < GUEST_MESSAGES);
        assert_int_equal(event->message_bytes, MESSAGE_BYTES);
        size_t bytes = MESSAGE_BYTES;
        while (bytes > 0 && event->message[bytes - 1] == ' ')
            bytes--;
        memcpy(guest->messages[guest->message_count++], event->message, bytes);
    }
    if (event->kind == SESSION_REFUSED || event->kind == SESSION_AWAY) {
        guest->verdict = event->verdict;
        guest->err = event->err;
    }
    if (event->kind == SESSION_PLACED && event->bucket)
        guest->bucket = *event->bucket;
}

void guest_prepare(struct guest *guest, struct memory_server *server, const char *passphrase,
                   const char *message)
{
    memset(guest, 0, sizeof *guest);
    memset(guest->payload, ' ', MESSAGE_BYTES);
    memcpy(guest->payload, message, strlen(message));
    guest->transport = transport_memory_open(server);
    guest->stop = fake_time_stop(server->time);
    guest->clock = fake_time_clock(server->time);
    guest->settings = (struct session_settings){
        .passphrase = (const uint8_t *)passphrase,
        .passphrase_bytes = strlen(passphrase),
        .payload = guest->payload,
        .payload_bytes = MESSAGE_BYTES,
        .threads = 1,
        .actions_max = 256,
        .others_max = SESSION_PROGRESS_OTHERS_USUAL,
        .bounds = {.tolerance_s = 300, .sequence_max = 16},
        .start_patience_ms = 2000,
        .open_until_ms = INT64_MAX,
        .clock = &guest->clock,
        .random = &random_system,
        .stop = &guest->stop,
        .event = take_event,
        .event_state = guest,
    };
}

void guest_start(struct guest *guest)
{
    assert_int_equal(session_open(&guest->session, guest->transport, &guest->settings), 0);
}

void guest_come(struct guest *guest, struct memory_server *server, const char *passphrase,
                const char *message)
{
    guest_prepare(guest, server, passphrase, message);
    guest_start(guest);
}

void guest_steps(struct guest *guest, size_t steps)
{
    for (size_t i = 0; i < steps; i++)
        assert_int_equal(session_step(guest->session), 0);
}

int guest_end(struct guest *guest)
{
    int err = 0;
    for (size_t i = 0; i < 1000 && !err; i++)
        err = session_step(guest->session);
    return err;
}

void guests_settle(struct guest *guests, size_t count)
{
    for (size_t turn = 0; turn < 12 + 4 * count; turn++)
        for (size_t i = 0; i < count; i++)
            guest_steps(&guests[i], 1);
}

size_t guest_saw(const struct guest *guest, const char *message)
{
    size_t times = 0;
    for (size_t i = 0; i < guest->message_count; i++)
        times += strcmp(guest->messages[i], message) == 0;
    return times;
}

void guest_leave(struct guest *guest)
{
    session_free(guest->session);
    guest->transport->verbs->free(guest->transport);
    seen_messages_clear(&guest->seen_messages);
}
