/* Unicode's canonical decompositions, compositions and combining classes, as nfc_tables.py wrote
 * them when this was built. */
#ifndef REUNION_WIRE_NFC_TABLES_H
#define REUNION_WIRE_NFC_TABLES_H

#include <stddef.h>
#include <stdint.h>

struct nfc_pair {
    uint32_t code, first, second; /* `second` is 0 where a character is made of one other */
};

struct nfc_class {
    uint32_t code;
    uint8_t combining; /* not 0 */
};

extern const struct nfc_pair nfc_decompositions[]; /* by `code` */
extern const size_t nfc_decomposition_count;
extern const struct nfc_pair nfc_compositions[]; /* by `first`, then `second` */
extern const size_t nfc_composition_count;
extern const struct nfc_class nfc_classes[]; /* by `code` */
extern const size_t nfc_class_count;

#endif
