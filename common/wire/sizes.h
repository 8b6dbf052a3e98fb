/* Sizes of the protocol in bytes, and how many T1s and links a bucket holds. */
#ifndef REUNION_WIRE_SIZES_H
#define REUNION_WIRE_SIZES_H

enum {
    ID_BYTES = 32,        /* a T1 id or a bucket link: H(…) */
    WRITE_KEY_BYTES = 32, /* chosen by the poster of a T1 */
    SALT_BYTES = 32,

    MESSAGE_BYTES = 96,                                   /* payload of the HTTP programs, padded */
    RECORD_T1_BYTES = 32 + 128 + 16 + 16 + MESSAGE_BYTES, /* alpha, beta, gamma, tag, payload */
    RECORD_BODY_BYTES = 32,                               /* a T2 or a T3 itself */
    RECORD_ADDRESSED_BYTES = 2 * ID_BYTES + RECORD_BODY_BYTES, /* sender, addressee, body */
    RECORD_UNADDRESSED_BYTES = ID_BYTES + RECORD_BODY_BYTES,   /* reference form: sender, body */

    BUCKET_CAPACITY = 64, /* T1s in one bucket */

    LINK_BLOB_BYTES = 256, /* a private link, sealed */
    LINK_SLOTS = 64,       /* for such, in one bucket of them */
    LINK_BUCKET_BYTES = LINK_SLOTS * LINK_BLOB_BYTES,

    READ_KEY_BYTES = 32, /* of a mailbox */
    MAILBOX_ID_BYTES = 16,
    COPY_BYTES = 544,  /* of a group's message, for one mailbox */
    COPY_R_BYTES = 16, /* its beginning, which is its token's */
};

_Static_assert(RECORD_T1_BYTES == 288, "T1 size of the HTTP programs");

#endif
