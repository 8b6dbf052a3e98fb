#include <string.h>

#include "base/secret.h"
#include "kat_datagram_values.h"
#include "kat_mix.h"
#include "mix/surb.h"

/* Known answers of the mix chain: SURBs over one to five mixes. */

static bool keys_are(const json_t *entry, const struct mix_surb_secrets *secrets)
{
    const json_t *wanted = kat_list(entry, "payload_keys");
    bool same = json_array_size(wanted) == secrets->count;
    for (size_t i = 0; same && i < secrets->count; i++) {
        struct kat_bytes key = kat_decode(json_array_get(wanted, i));
        same = kat_equal(&key, secrets->payload_keys[i], MIX_WIDE_KEY_BYTES);
        kat_free(&key);
    }
    return same;
}

static void check_refused(struct kat_score *score, const json_t *entry, const char *name,
                          size_t index, const struct mix_surb_secrets *secrets)
{
    const json_t *refused;
    size_t i;
    json_array_foreach(kat_list(entry, "refused_payloads"), i, refused)
    {
        uint8_t payload[MIX_PAYLOAD_BYTES], content[MIX_CONTENT_BYTES_MAX];
        size_t bytes = 0;
        kat_copy(payload, refused, "payload", sizeof payload);
        kat_expect(score, mix_surb_open(content, &bytes, secrets, payload) != 0, name, index,
                   kat_text(refused, "why"));
    }
}

static bool make(uint8_t surb[static MIX_SURB_BYTES], struct mix_surb_secrets *secrets,
                 const json_t *entry, const struct mix_hop *hops, size_t count)
{
    struct mix_endpoint first = {.port = (uint16_t)kat_u64(entry, "first_port")};
    struct kat_random values = {.pieces = 0};
    struct random_source random = kat_random_source(&values);
    kat_copy(first.address, entry, "first_address", sizeof first.address);
    kat_random_take(&values, entry, "x");
    kat_random_take(&values, entry, "random_padding");
    kat_random_take(&values, entry, "k");
    return !mix_surb_make(surb, secrets, &first, hops, count, &random) &&
           kat_random_is_used_up(&values) && kat_is(entry, "surb", surb, MIX_SURB_BYTES) &&
           keys_are(entry, secrets) &&
           kat_is(entry, "last_alpha", secrets->last_alpha, sizeof secrets->last_alpha);
}

static bool use(const json_t *entry, const struct kat_bytes *content)
{
    uint8_t surb[MIX_SURB_BYTES], packet[MIX_PACKET_BYTES];
    struct mix_endpoint first;
    kat_copy(surb, entry, "surb", sizeof surb);
    return !mix_surb_use(packet, &first, surb, content->data, content->bytes) &&
           kat_is(entry, "packet", packet, sizeof packet) &&
           kat_is(entry, "first_address", first.address, sizeof first.address) &&
           first.port == kat_u64(entry, "first_port");
}

static bool handle_is_the_clients(const json_t *entry, const struct mix_hop *last)
{
    uint8_t session[MIX_KEY_BYTES], handle[MIX_HANDLE_BYTES];
    kat_copy(session, entry, "client_session_public", sizeof session);
    mix_handle(handle, session);
    return last->command.kind == MIX_REPLY &&
           secret_equal(handle, last->command.address, sizeof handle);
}

void kat_mix_surb(struct kat_score *score, const json_t *entry, const char *name, size_t index)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    struct mix_surb_secrets secrets = {.count = 0};
    uint8_t mix_secrets[MIX_HOPS_MAX][MIX_KEY_BYTES], surb[MIX_SURB_BYTES];
    uint8_t packet[MIX_PACKET_BYTES], payload[MIX_PAYLOAD_BYTES] = {0}, alpha[MIX_ALPHA_BYTES];
    uint8_t opened[MIX_CONTENT_BYTES_MAX];
    size_t bytes = 0;
    const json_t *route = kat_list(entry, "hops");
    size_t count = kat_route(hops, mix_secrets, route);
    struct kat_bytes content = kat_take(entry, "content");
    kat_expect(score, make(surb, &secrets, entry, hops, count), name, index, "made");
    kat_expect(score, handle_is_the_clients(entry, &hops[count - 1]), name, index, "handle");
    kat_expect(score, use(entry, &content), name, index, "used");
    kat_copy(packet, entry, "packet", sizeof packet);
    kat_expect(
        score,
        kat_walk(payload, alpha, route, packet, mix_secrets, (uint32_t)kat_u64(entry, "window")) &&
            kat_is(entry, "delivered_payload", payload, sizeof payload) &&
            kat_is(entry, "last_alpha", alpha, sizeof alpha),
        name, index, "delivered");
    kat_copy(payload, entry, "delivered_payload", sizeof payload);
    kat_expect(score,
               !mix_surb_open(opened, &bytes, &secrets, payload) &&
                   kat_equal(&content, opened, bytes),
               name, index, "opened");
    check_refused(score, entry, name, index, &secrets);
    kat_free(&content);
}
