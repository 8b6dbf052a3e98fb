/* Two parties meet in memory: what a program does with libreunion.
 *
 *     cc two_parties.c $(pkg-config --cflags --libs reunion) && ./a.out */
#include <reunion.h>
#include <stdio.h>
#include <string.h>

static struct reunion_session *open_session(const char *passphrase, const char *message)
{
    struct reunion_session *session = NULL;
    int err = reunion_session_open(
        &session, &(struct reunion_setup){.passphrase = (const uint8_t *)passphrase,
                                          .passphrase_bytes = strlen(passphrase),
                                          .payload = (const uint8_t *)message,
                                          .payload_bytes = strlen(message)});
    if (err)
        fprintf(stderr, "cannot open a session: %s\n", reunion_error_text(err));
    return session;
}

/* `to` sees the T1 of `from` and answers with a T2. */
static int show_t1(uint8_t t2[REUNION_T2_BYTES], struct reunion_session *to,
                   const struct reunion_session *from)
{
    struct reunion_t1 t1 = {0};
    t1.bytes = reunion_session_t1(from, &t1.length);
    int err = reunion_session_receive_t1s(to, &t1, 1, NULL);
    memcpy(t2, t1.t2, REUNION_T2_BYTES);
    return err ? err : t1.status;
}

static int print_messages(const char *name, struct reunion_session *session)
{
    struct reunion_reveal reveal;
    int messages = 0;
    for (; reunion_session_next_reveal(session, &reveal) == 0; messages++)
        printf("%s learns: %.*s\n", name, (int)reveal.payload_bytes, (const char *)reveal.payload);
    return messages;
}

int main(void)
{
    const char *passphrase = "I am a jelly donut";
    struct reunion_session *alice = open_session(passphrase, "alice@example.org");
    struct reunion_session *bob = open_session(passphrase, "bob@example.org");
    uint8_t t2_alice[REUNION_T2_BYTES], t2_bob[REUNION_T2_BYTES];
    uint8_t t3_alice[REUNION_T3_BYTES], t3_bob[REUNION_T3_BYTES];

    /* In a real program each record travels to the other side, by whatever way there is. */
    int err = !alice || !bob ? -1 : 0;
    if (!err)
        err = show_t1(t2_alice, alice, bob);
    if (!err)
        err = show_t1(t2_bob, bob, alice);
    if (!err)
        err = reunion_session_receive_t2(alice, reunion_session_t1_id(bob), t2_bob, t3_alice);
    if (!err)
        err = reunion_session_receive_t2(bob, reunion_session_t1_id(alice), t2_alice, t3_bob);
    if (!err)
        err = reunion_session_receive_t3(alice, reunion_session_t1_id(bob), t3_bob);
    if (!err)
        err = reunion_session_receive_t3(bob, reunion_session_t1_id(alice), t3_alice);
    int messages = err ? 0 : print_messages("alice", alice) + print_messages("bob", bob);

    reunion_session_free(alice);
    reunion_session_free(bob);
    return messages == 2 ? 0 : 1;
}
