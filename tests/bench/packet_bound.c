/* The two boxes of a packet's request and answer, with a key that is kept: a server's part. Tells
 * how many nanoseconds of processor time they take.
 *
 *   packet_bound */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "box/packet.h"
#include "lib/stopwatch.h"

enum { ROUNDS = 32, TIMES = 2048, BOX_BYTES = 1184 };

static uint8_t shared[BOX_SHARED_BYTES], nonce[BOX_NONCE_BYTES];
static uint8_t request[BOX_BYTES], answer[BOX_BYTES + 16], plaintext[BOX_BYTES];

/* Nothing but what NaCl does; an answer's box is 16 bytes longer. */
static void two_boxes(void)
{
    if (box_open(plaintext, shared, nonce, request, sizeof request))
        abort();
    box_seal(answer, shared, nonce, plaintext, sizeof answer - BOX_TAG_BYTES);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    randombytes_buf(shared, sizeof shared);
    box_seal(request, shared, nonce, plaintext, sizeof request - BOX_TAG_BYTES);
    printf("%.0f\n", stopwatch_ns(two_boxes, ROUNDS, TIMES));
    return 0;
}
