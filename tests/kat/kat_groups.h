/* The part `groups` of the datagrams' known answers, and what its files share. */
#ifndef REUNION_TESTS_KAT_GROUPS_H
#define REUNION_TESTS_KAT_GROUPS_H

#include "group/key.h"
#include "kat_datagram_values.h"

/* Sections, each in a file of its own. */
void kat_group_message(struct kat_score *score, const json_t *entry, const char *name,
                       size_t index);
void kat_group_delivery(struct kat_score *score, const json_t *entry, const char *name,
                        size_t index);
void kat_group_reader(struct kat_score *score, const json_t *entry, const char *name, size_t index);
void kat_group_meeting(struct kat_score *score, const json_t *entry, const char *name,
                       size_t index);
void kat_group_pair(struct kat_score *score, const json_t *entry, const char *name, size_t index);
void kat_group_state(struct kat_score *score, const json_t *entry, const char *name, size_t index);
void kat_group_refused_states(struct kat_score *score, const json_t *entry, const char *name,
                              size_t index);

/* A list of byte strings of `size` bytes, one behind the other in `out`, which has room for `max`;
 * refused as by kat_take. Returns: how many. */
size_t kat_bytes_list(uint8_t *out, const json_t *list, size_t size, size_t max);

/* Make a key of its secret and members. Returns: whether that is what the object says. */
bool kat_group_key(struct group_key *key, const json_t *object);

/* Whether a key is what the object says. */
bool kat_group_key_is(const struct group_key *key, const json_t *object);

#endif
