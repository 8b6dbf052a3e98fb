#!/usr/bin/env python3
"""Write the tables of nfc.c from Python's Unicode data: `nfc_tables.py OUTPUT`.

What Unicode has assigned keeps its normal form for ever, so another version of the data differs
in characters alone that this one does not know.
"""

import sys
import unicodedata

HANGUL = range(0xAC00, 0xAC00 + 11172)
LAST = 0x10FFFF


def decompositions():
    """Character: what it is made of canonically, one step."""
    for code in range(LAST + 1):
        text = unicodedata.decomposition(chr(code))
        if text and not text.startswith("<") and code not in HANGUL:
            parts = [int(part, 16) for part in text.split()]
            yield code, parts[0], parts[1] if len(parts) == 2 else 0


def composes(code, first, second):
    return second and unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(code)


def rows(values):
    return "\n".join("    {" + ", ".join(f"0x{value:x}" for value in row) + "}," for row in values)


def main(output):
    pairs = list(decompositions())
    composed = sorted((first, second, code) for code, first, second in pairs
                      if composes(code, first, second))
    classes = [(code, unicodedata.combining(chr(code))) for code in range(LAST + 1)
               if unicodedata.combining(chr(code))]
    with open(output, "w", encoding="ascii") as file:
        file.write('#include "wire/nfc_tables.h"\n\n'
                   f"const struct nfc_pair nfc_decompositions[] = {{\n{rows(pairs)}\n}};\n"
                   f"const size_t nfc_decomposition_count = {len(pairs)};\n\n"
                   f"const struct nfc_pair nfc_compositions[] = {{\n"
                   + rows((code, first, second) for first, second, code in composed) + "\n};\n"
                   f"const size_t nfc_composition_count = {len(composed)};\n\n"
                   f"const struct nfc_class nfc_classes[] = {{\n{rows(classes)}\n}};\n"
                   f"const size_t nfc_class_count = {len(classes)};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
