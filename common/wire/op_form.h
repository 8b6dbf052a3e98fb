/* The layout of binary requests and answers, defined once for both directions. */
#ifndef REUNION_WIRE_OP_FORM_H
#define REUNION_WIRE_OP_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/writer.h"

/* DESIGN: one function for each body goes through its fields with the calls below. When `reads` is
 * set they take the fields from `from`, bounds-checked and with its sticky error; otherwise they
 * write them to `to`, which with NULL only counts. So what is written is what is read. Fields of
 * bytes are pointers, into the body when read. For one thread. */
struct op_form {
    bool reads;
    struct cursor from;
    struct writer to;
};

/* A list of items of one size behind each other, in the body when read. */
struct op_items {
    const uint8_t *bytes;
    size_t count;
};

void op_form_bytes(struct op_form *form, const uint8_t **field, size_t bytes);
void op_form_u8(struct op_form *form, uint8_t *field);
void op_form_be16(struct op_form *form, uint16_t *field);
void op_form_be32(struct op_form *form, uint32_t *field);
void op_form_be64(struct op_form *form, uint64_t *field);

/* A byte that is 0 or 1; reading another fails. */
void op_form_flag(struct op_form *form, bool *field);

/* `items->count` items of `item_bytes` each; nothing is said of their number, so it has been told.
 */
void op_form_items(struct op_form *form, struct op_items *items, size_t item_bytes);

/* The same up to the end of the body; reading fails if an item is cut. */
void op_form_rest(struct op_form *form, struct op_items *items, size_t item_bytes);

#endif
