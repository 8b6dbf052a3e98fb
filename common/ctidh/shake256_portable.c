/* SHAKE-256 for builds without libcrypto. */
#include <string.h>

#include "base/secret.h"
#include "ctidh/shake256.h"

/* Source: FIPS 202, sections 3.2, 3.3 and 6.2. Lane x + 5y of the state is its lane (x, y). */

enum { LANES_1D = 5, KECCAK_LANES = 25, KECCAK_ROUNDS = 24, RATE_BYTES = 136 };

static uint64_t rotated(uint64_t lane, unsigned by)
{
    return lane << by | lane >> ((64 - by) % 64);
}

static void theta(uint64_t lane[static KECCAK_LANES])
{
    uint64_t parity[LANES_1D];
    for (size_t x = 0; x < 5; x++)
        parity[x] = lane[x] ^ lane[x + 5] ^ lane[x + 10] ^ lane[x + 15] ^ lane[x + 20];
    for (size_t i = 0; i < KECCAK_LANES; i++)
        lane[i] ^= parity[(i % 5 + 4) % 5] ^ rotated(parity[(i % 5 + 1) % 5], 1);
}

/* rho and pi: along one cycle through all lanes but the first. */
static void rho_pi(uint64_t lane[static KECCAK_LANES])
{
    size_t x = 1, y = 0;
    uint64_t moving = lane[1];
    for (unsigned t = 0; t < 24; t++) {
        size_t next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
        uint64_t there = lane[x + 5 * y];
        lane[x + 5 * y] = rotated(moving, (t + 1) * (t + 2) / 2 % 64);
        moving = there;
    }
}

static void chi(uint64_t lane[static KECCAK_LANES])
{
    for (uint64_t *row = lane; row < lane + KECCAK_LANES; row += LANES_1D) {
        uint64_t before[LANES_1D];
        memcpy(before, row, sizeof before);
        for (size_t x = 0; x < LANES_1D; x++)
            row[x] = before[x] ^ (~before[(x + 1) % 5] & before[(x + 2) % 5]);
    }
}

/* iota: bits 2^j - 1 of the constant come from a register of eight bits with feedback. */
static uint64_t round_constant(uint8_t *lfsr)
{
    uint64_t constant = 0;
    for (unsigned j = 0; j < 7; j++) {
        constant |= (uint64_t)(*lfsr & 1) << ((1U << j) - 1);
        *lfsr = (uint8_t)(*lfsr << 1 ^ (*lfsr >> 7) * 0x71);
    }
    return constant;
}

static void permute(uint64_t lane[static KECCAK_LANES])
{
    uint8_t lfsr = 1;
    for (unsigned round = 0; round < KECCAK_ROUNDS; round++) {
        theta(lane);
        rho_pi(lane);
        chi(lane);
        lane[0] ^= round_constant(&lfsr);
    }
}

static void xor_byte(uint64_t lane[static KECCAK_LANES], size_t at, uint8_t byte)
{
    lane[at / 8] ^= (uint64_t)byte << 8 * (at % 8);
}

int shake256(uint8_t *out, size_t out_bytes, const uint8_t *in, size_t in_bytes)
{
    uint64_t lane[KECCAK_LANES] = {0};
    for (size_t i = 0; i < in_bytes; i++) {
        xor_byte(lane, i % RATE_BYTES, in[i]);
        if (i % RATE_BYTES == RATE_BYTES - 1)
            permute(lane);
    }
    xor_byte(lane, in_bytes % RATE_BYTES, 0x1f);
    xor_byte(lane, RATE_BYTES - 1, 0x80);
    for (size_t i = 0; i < out_bytes; i++) {
        if (i % RATE_BYTES == 0)
            permute(lane);
        size_t at = i % RATE_BYTES;
        out[i] = (uint8_t)(lane[at / 8] >> 8 * (at % 8));
    }
    secret_wipe(lane, sizeof lane);
    return 0;
}
