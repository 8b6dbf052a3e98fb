/* Packets: requests and answers as they are made and as they are taken, in both sizes. */
#include <string.h>

#include "box/packet.h"
#include "kat_box.h"
#include "kat_datagrams.h"

struct packet {
    const json_t *entry;
    const char *name;
    size_t index, size;
    struct box_identity server, session;
    struct box_packet_key key;
    struct kat_bytes a, b, q, p, filling, request, answer;
};

static void expect(struct kat_score *score, const struct packet *of, bool right, const char *what)
{
    kat_expect(score, right, of->name, of->index, what);
}

static void read_case(struct kat_score *score, struct packet *of)
{
    const json_t *entry = of->entry;
    of->size = kat_index(entry, "size");
    kat_box_identity(score, &of->server, entry, "server", of->name, of->index);
    kat_box_identity(score, &of->session, entry, "client_session", of->name, of->index);
    of->a = kat_take_exactly(entry, "a", BOX_PACKET_A_BYTES);
    of->b = kat_take_exactly(entry, "b", BOX_PACKET_A_BYTES);
    of->q = kat_take(entry, "q");
    of->p = kat_take(entry, "p");
    of->filling = kat_take(entry, "filling");
    of->request = kat_take_exactly(entry, "request", of->size);
    of->answer = kat_take_exactly(entry, "answer", of->size);
}

static void free_case(struct packet *of)
{
    struct kat_bytes *all[] = {&of->a,       &of->b,       &of->q,     &of->p,
                               &of->filling, &of->request, &of->answer};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        kat_free(all[i]);
}

/* The client's key for the case, made as a client makes it, and the server's, which is the same. */
static void make_keys(struct kat_score *score, struct packet *of)
{
    struct kat_random values = {0};
    struct box_packet_key servers;
    kat_random_add(&values, &(struct kat_bytes){of->session.secret, BOX_KEY_BYTES});
    struct random_source random = kat_random_source(&values);
    int err = box_packet_key_make(&of->key, of->server.public_key, &random);
    expect(score, of, !err && kat_random_is_used_up(&values), "client's key");
    err = box_packet_key_of(&servers, of->server.secret, of->session.public_key);
    expect(score, of, !err && memcmp(&servers, &of->key, sizeof servers) == 0, "server's key");
}

static void check_request_made(struct kat_score *score, const struct packet *of)
{
    struct kat_random values = {0};
    uint8_t datagram[BOX_PACKET_BYTES], a[BOX_PACKET_A_BYTES] = {0};
    kat_random_add(&values, &of->a);
    if (of->filling.bytes > 0)
        kat_random_add(&values, &of->filling);
    struct random_source random = kat_random_source(&values);
    int err = box_request_seal(&of->key, datagram, of->size, a, of->q.data, of->q.bytes, &random);
    expect(score, of,
           !err && kat_random_is_used_up(&values) && kat_equal(&of->a, a, sizeof a) &&
               kat_equal(&of->request, datagram, of->size),
           "request made");
}

/* Through mixes: the client makes all but the filling, the exit adds it. */
static void check_request_filled(struct kat_score *score, const struct packet *of)
{
    struct kat_random values = {0};
    uint8_t datagram[BOX_PACKET_SHORT_BYTES], a[BOX_PACKET_A_BYTES];
    kat_random_add(&values, &of->a);
    kat_random_add(&values, &of->filling);
    struct random_source random = kat_random_source(&values);
    int err = box_request_seal(&of->key, datagram, BOX_PACKET_UNFILLED_BYTES, a, of->q.data,
                               of->q.bytes, &random);
    box_request_fill(datagram, &random);
    expect(score, of,
           !err && kat_random_is_used_up(&values) &&
               kat_equal(&of->request, datagram, sizeof datagram),
           "request filled");
}

/* The server's part up to q. Returns: whether it has one. */
static bool server_takes(const struct packet *of, const struct kat_bytes *datagram,
                         uint8_t q[static BOX_PACKET_Q_BYTES_MAX], size_t *q_bytes,
                         uint8_t a[static BOX_PACKET_A_BYTES])
{
    struct box_packet_key key;
    const uint8_t *session = box_request_session(datagram->data, datagram->bytes);
    return session && !box_packet_key_of(&key, of->server.secret, session) &&
           !box_request_open(&key, q, q_bytes, a, datagram->data, datagram->bytes);
}

static void check_request_taken(struct kat_score *score, const struct packet *of,
                                const struct kat_bytes *datagram, const char *what)
{
    uint8_t q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    size_t q_bytes;
    bool taken = server_takes(of, datagram, q, &q_bytes, a);
    expect(score, of, taken && kat_equal(&of->q, q, q_bytes) && kat_equal(&of->a, a, sizeof a),
           what);
}

static void check_answer_made(struct kat_score *score, const struct packet *of)
{
    struct kat_random values = {0};
    uint8_t datagram[BOX_PACKET_BYTES];
    kat_random_add(&values, &of->b);
    struct random_source random = kat_random_source(&values);
    int err =
        box_answer_seal(&of->key, datagram, of->size, of->a.data, of->p.data, of->p.bytes, &random);
    expect(score, of,
           !err && kat_random_is_used_up(&values) && kat_equal(&of->answer, datagram, of->size),
           "answer made");
}

static int client_takes(const struct packet *of, const struct kat_bytes *datagram,
                        uint8_t p[static BOX_PACKET_P_BYTES_MAX], size_t *p_bytes)
{
    return box_answer_open(&of->key, p, p_bytes, of->a.data, of->size, datagram->data,
                           datagram->bytes);
}

static void check_answer_taken(struct kat_score *score, const struct packet *of,
                               const struct kat_bytes *datagram, const char *what)
{
    uint8_t p[BOX_PACKET_P_BYTES_MAX];
    size_t p_bytes;
    bool taken = !client_takes(of, datagram, p, &p_bytes);
    expect(score, of, taken && kat_equal(&of->p, p, p_bytes), what);
}

/* The nonces that the file states open the boxes. */
static void check_nonces(struct kat_score *score, const struct packet *of)
{
    struct kat_bytes nonce = kat_take_exactly(of->entry, "request_nonce", BOX_NONCE_BYTES);
    uint8_t plaintext[BOX_PACKET_BYTES];
    size_t before = BOX_KEY_BYTES + BOX_PACKET_A_BYTES;
    expect(score, of,
           !box_open(plaintext, of->key.shared, nonce.data, of->request.data + before,
                     of->request.bytes - before - of->filling.bytes),
           "request_nonce");
    kat_free(&nonce);
    nonce = kat_take_exactly(of->entry, "answer_nonce", BOX_NONCE_BYTES);
    before = BOX_PACKET_A_BYTES + BOX_PACKET_A_BYTES;
    expect(score, of,
           !box_open(plaintext, of->key.shared, nonce.data, of->answer.data + before,
                     of->answer.bytes - before),
           "answer_nonce");
    kat_free(&nonce);
}

static void check_accepted(struct kat_score *score, const struct packet *of, const json_t *accepted)
{
    bool is_answer = json_object_get(accepted, "answer") != NULL;
    struct kat_bytes datagram = kat_take(accepted, is_answer ? "answer" : "request");
    const char *why = kat_text(accepted, "why");
    if (is_answer)
        check_answer_taken(score, of, &datagram, why);
    else
        check_request_taken(score, of, &datagram, why);
    kat_free(&datagram);
}

static void check_refused(struct kat_score *score, const struct packet *of, const json_t *refused)
{
    uint8_t text[BOX_PACKET_P_BYTES_MAX], a[BOX_PACKET_A_BYTES];
    char what[2 * KAT_NAME_BYTES];
    size_t bytes;
    bool taken;
    const char *by = kat_text(refused, "by");
    struct kat_bytes datagram = kat_take(refused, "datagram");
    if (strcmp(by, "server") == 0)
        taken = server_takes(of, &datagram, text, &bytes, a);
    else if (strcmp(by, "client") == 0)
        taken = client_takes(of, &datagram, text, &bytes) == 0;
    else
        kat_refuse("by", "side");
    snprintf(what, sizeof what, "refused by the %s: %s", by, kat_text(refused, "why"));
    expect(score, of, !taken, what);
    kat_free(&datagram);
}

void kat_box_packet(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct packet of = {.entry = entry, .name = name, .index = index};
    size_t i;
    json_t *one;
    read_case(score, &of);
    make_keys(score, &of);
    check_request_made(score, &of);
    if (of.size == BOX_PACKET_SHORT_BYTES)
        check_request_filled(score, &of);
    check_request_taken(score, &of, &of.request, "request taken");
    check_answer_made(score, &of);
    check_answer_taken(score, &of, &of.answer, "answer taken");
    check_nonces(score, &of);
    json_array_foreach(kat_list(entry, "also_accepted"), i, one) check_accepted(score, &of, one);
    json_array_foreach(kat_list(entry, "refused"), i, one) check_refused(score, &of, one);
    free_case(&of);
}
