#include "mix/header.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/x25519.h"

/* DESIGN: a header is alpha || mac || beta. Beta is encrypted once for each hop that is left, and
 * its end, which a hop fills up with zeros before it decrypts, is what the maker foresaw (the
 * filler). So no hop sees from the size or from zeros where in the route it stands. */

enum {
    STREAM_BYTES = MIX_BETA_BYTES + MIX_LAYER_BYTES,
    FILLER_BYTES_MAX = (MIX_HOPS_MAX - 1) * MIX_LAYER_BYTES,
    MAC_AT = MIX_ALPHA_BYTES,
    BETA_AT = MAC_AT + MIX_MAC_BYTES,
};

_Static_assert((int)X25519_BYTES == (int)MIX_KEY_BYTES && (int)X25519_BYTES == (int)MIX_ALPHA_BYTES,
               "keys of X25519");
_Static_assert(MIX_HEADER_BYTES == 248, "mix.md");

uint32_t mix_window_of(int64_t unix_s)
{
    return unix_s < 0 ? 0 : (uint32_t)(unix_s / MIX_WINDOW_S);
}

int mix_window_check(uint32_t window, int64_t unix_s)
{
    int64_t ahead = (int64_t)window - (int64_t)mix_window_of(unix_s);
    return ahead >= -1 && ahead <= 1 ? 0 : -EKEYEXPIRED;
}

void mix_command_write(uint8_t out[static MIX_COMMAND_BYTES], const struct mix_command *command)
{
    struct writer writer = {.at = out};
    writer_u8(&writer, command->kind);
    writer_u8(&writer, 0);
    writer_be16(&writer, command->port);
    writer_put(&writer, command->address, sizeof command->address);
    writer_be32(&writer, command->window);
    INVARIANT(writer.bytes == MIX_COMMAND_BYTES);
}

void mix_command_read(struct mix_command *command, const uint8_t in[static MIX_COMMAND_BYTES])
{
    struct cursor cursor = cursor_over(in, MIX_COMMAND_BYTES);
    command->kind = cursor_u8(&cursor);
    cursor_u8(&cursor); /* not looked at */
    command->port = cursor_be16(&cursor);
    cursor_copy(&cursor, command->address, sizeof command->address);
    command->window = cursor_be32(&cursor);
    INVARIANT(!cursor_finish(&cursor));
}

/* Alphas and keys of all hops.
 * Returns: 0, -EINVAL (a secret of zeros). */
static int agree(uint8_t alphas[static MIX_HOPS_MAX][MIX_ALPHA_BYTES], struct mix_keys *keys,
                 const struct mix_hop *hops, size_t count, const uint8_t x[static MIX_KEY_BYTES])
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    uint8_t shared[X25519_BYTES];
    bool zero = false;

    x25519(alphas[0], x, base_point);
    for (size_t i = 0; i < count; i++) {
        x25519(shared, x, hops[i].public_key);
        for (size_t before = 0; before < i; before++)
            x25519(shared, keys[before].blind, shared);
        int is_zero = sodium_is_zero(shared, sizeof shared);
        declassify(&is_zero, sizeof is_zero); /* a property of the mix's public key */
        zero = zero || is_zero;
        mix_keys_derive(&keys[i], shared, alphas[i]);
        if (i + 1 < count)
            x25519(alphas[i + 1], keys[i].blind, alphas[i]);
    }
    secret_wipe(shared, sizeof shared);
    return zero ? -EINVAL : 0;
}

/* What the ends of betas become on the way to the last hop. */
static void make_filler(uint8_t filler[static FILLER_BYTES_MAX], const struct mix_keys *keys,
                        size_t count)
{
    memset(filler, 0, FILLER_BYTES_MAX);
    for (size_t i = 1; i < count; i++) {
        size_t bytes = i * MIX_LAYER_BYTES;
        uint8_t stream[STREAM_BYTES] = {0};
        mix_stream_xor(stream, sizeof stream, keys[i - 1].stream);
        for (size_t k = 0; k < bytes; k++)
            filler[k] ^= stream[STREAM_BYTES - bytes + k];
        secret_wipe(stream, sizeof stream);
    }
}

/* Betas and MACs from the last hop to the first; the last beta comes first. */
static void make_layers(uint8_t mac[static MIX_MAC_BYTES], uint8_t beta[static MIX_BETA_BYTES],
                        const struct mix_keys *keys, const struct mix_hop *hops, size_t count,
                        const struct random_source *random)
{
    size_t last = count - 1, filler_bytes = last * MIX_LAYER_BYTES;
    uint8_t filler[FILLER_BYTES_MAX];
    make_filler(filler, keys, count);
    memset(beta, 0, MIX_LAYER_BYTES);
    mix_command_write(beta, &hops[last].command);
    random_fill(random, beta + MIX_LAYER_BYTES, MIX_BETA_BYTES - count * MIX_LAYER_BYTES);
    mix_stream_xor(beta, MIX_BETA_BYTES - filler_bytes, keys[last].stream);
    memcpy(beta + MIX_BETA_BYTES - filler_bytes, filler, filler_bytes);
    mix_mac(mac, keys[last].mac, beta, MIX_BETA_BYTES);
    for (size_t i = last; i-- > 0;) {
        memmove(beta + MIX_LAYER_BYTES, beta, MIX_BETA_BYTES - MIX_LAYER_BYTES);
        mix_command_write(beta, &hops[i].command);
        memcpy(beta + MIX_COMMAND_BYTES, mac, MIX_MAC_BYTES);
        mix_stream_xor(beta, MIX_BETA_BYTES, keys[i].stream);
        mix_mac(mac, keys[i].mac, beta, MIX_BETA_BYTES);
    }
    secret_wipe(filler, sizeof filler);
}

int mix_header_make(uint8_t header[static MIX_HEADER_BYTES], struct mix_keys *keys,
                    const struct mix_hop *hops, size_t count, const struct random_source *random)
{
    uint8_t x[MIX_KEY_BYTES], alphas[MIX_HOPS_MAX][MIX_ALPHA_BYTES];
    struct mix_keys made[MIX_HOPS_MAX];
    if (count == 0 || count > MIX_HOPS_MAX)
        return -EINVAL;
    random_fill(random, x, sizeof x);
    int err = agree(alphas, made, hops, count, x);
    if (!err) {
        memcpy(header, alphas[0], MIX_ALPHA_BYTES);
        make_layers(header + MAC_AT, header + BETA_AT, made, hops, count, random);
        memcpy(keys, made, count * sizeof made[0]);
    }
    secret_wipe(x, sizeof x);
    secret_wipe(made, sizeof made);
    return err;
}

int mix_header_open(uint8_t next[static MIX_HEADER_BYTES], struct mix_command *command,
                    struct mix_keys *keys, const uint8_t secret[static MIX_KEY_BYTES],
                    const uint8_t header[static MIX_HEADER_BYTES])
{
    uint8_t shared[X25519_BYTES], mac[MIX_MAC_BYTES], layer[STREAM_BYTES] = {0};
    struct mix_keys made;

    x25519(shared, secret, header);
    int zero = sodium_is_zero(shared, sizeof shared);
    mix_keys_derive(&made, shared, header);
    mix_mac(mac, made.mac, header + BETA_AT, MIX_BETA_BYTES);
    bool good = secret_equal(mac, header + MAC_AT, sizeof mac) & !zero;
    declassify(&good, sizeof good); /* what becomes of the packet shows it */
    if (good) {
        memcpy(layer, header + BETA_AT, MIX_BETA_BYTES);
        mix_stream_xor(layer, sizeof layer, made.stream);
        mix_command_read(command, layer);
        x25519(next, made.blind, header);
        memcpy(next + MAC_AT, layer + MIX_COMMAND_BYTES, MIX_MAC_BYTES + MIX_BETA_BYTES);
        *keys = made;
    }
    secret_wipe(shared, sizeof shared);
    secret_wipe(mac, sizeof mac);
    secret_wipe(layer, sizeof layer);
    secret_wipe(&made, sizeof made);
    return good ? 0 : -EBADMSG;
}
