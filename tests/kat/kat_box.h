/* Known answers of the box transport. */
#ifndef REUNION_TESTS_KAT_BOX_H
#define REUNION_TESTS_KAT_BOX_H

#include "box/handshake.h"
#include "kat.h"

/* The key pair `who`_secret and `who`_public of a case; that they belong together is an answer. */
void kat_box_identity(struct kat_score *score, struct box_identity *identity, const json_t *entry,
                      const char *who, const char *name, size_t index);

/* One entry of each section. */
void kat_box_handshake(struct kat_score *score, const json_t *entry, const char *name,
                       size_t index);
void kat_box_packet(struct kat_score *score, const json_t *entry, const char *name, size_t index);
void kat_box_op(struct kat_score *score, const json_t *entry, const char *name, size_t index);

#endif
