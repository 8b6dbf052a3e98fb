#!/usr/bin/env python3
"""Write characters.c: tables of the Unicode Character Database, as Python's unicodedata has it, and
a list of our own, LOOK_LATIN."""

import sys
import unicodedata

# Letters of other scripts that most fonts draw as they draw a Latin one.
LOOK_LATIN = (
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u0475\u0501\u051b\u051d\u04bb"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03bf\u03bd\u03c1\u03b9\u03ba\u03c5\u0555\u0585\u0578\u057d\u0570")
# Drawn as nothing, though no format characters.
UNSEEN = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, *range(0x180b, 0x1810),
          *range(0xfe00, 0xfe10), *range(0xe0100, 0xe01f0)}
QUOTES = {0xb4, 0x201a, 0x201e, *range(0x2b9, 0x2bd), *range(0x2032, 0x2038),
          0x301d, 0x301e, 0x301f}
DASHES = {0x2212, 0x2043}
BLANKS = {0x2800}
# Whose letters take another form beside a joiner, or a non-joiner, as their spelling wants it.
JOINING = {"ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI",
           "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR"}
SCRIPTS = {"LATIN": "SCRIPT_LATIN", "GREEK": "SCRIPT_GREEK", "CYRILLIC": "SCRIPT_CYRILLIC",
           "ARMENIAN": "SCRIPT_ARMENIAN", "CHEROKEE": "SCRIPT_CHEROKEE"}


def kind(code):
    character = chr(code)
    category = unicodedata.category(character)
    if category == "Cc":
        return "CHARACTER_CONTROL"
    if category == "Cf" or code in UNSEEN:
        return "CHARACTER_UNSEEN"
    if (category in ("Zs", "Zl", "Zp") and code != 0x20) or code in BLANKS:
        return "CHARACTER_BLANK"
    if category in ("Pi", "Pf") or code in QUOTES:
        return "CHARACTER_QUOTE"
    if (category == "Pd" and code != 0x2d) or code in DASHES:
        return "CHARACTER_DASH"
    if unicodedata.decomposition(character).startswith("<"):
        return "CHARACTER_FORM"
    is_arrow_or_shape = category == "Sm" and 0x2190 <= code < 0x2c00
    if category == "So" or is_arrow_or_shape or 0x1f3fb <= code < 0x1f400:
        return "CHARACTER_PICTURE"
    if category[0] in "LM" and unicodedata.name(character, "").split(" ")[0] in JOINING:
        return "CHARACTER_JOINING"
    return None


def script(code):
    if not unicodedata.category(chr(code)).startswith("L"):
        return None
    return SCRIPTS.get(unicodedata.name(chr(code), "").split(" ")[0])


def is_recomposed(code):
    """NFC never holds it: another one or several stand for it."""
    return unicodedata.normalize("NFC", chr(code)) != chr(code) or None


def ranges(of):
    """(first, last, value) of the codes that have one."""
    first = value = None
    for code in range(0x110001):
        surrogate = 0xd800 <= code < 0xe000
        now = of(code) if code < 0x110000 and not surrogate else None
        if now != value:
            if value is not None:
                yield first, code - 1, value
            first, value = code, now


def pairs():
    """Two characters that NFC makes one of; those of Hangul are computed."""
    found = []
    for code in range(0x110000):
        if 0xd800 <= code < 0xe000 or 0xac00 <= code < 0xd7a4:
            continue
        parts = unicodedata.decomposition(chr(code)).split(" ")
        if len(parts) == 2 and not parts[0].startswith("<") and not is_recomposed(code):
            found.append((int(parts[0], 16), int(parts[1], 16)))
    return sorted(found)


def put_ranges(name, of):
    rows = [f"    {{{first:#x}, {last:#x}, {value}}}," for first, last, value in ranges(of)]
    print(f"const struct character_range {name}[] = {{", *rows, "};", sep="\n")
    print(f"const size_t {name}_count = {len(rows)};\n")


def main():
    print(f"/* Written by characters.py from Unicode {unicodedata.unidata_version}. */")
    print('#include "cli/characters.h"\n')
    put_ranges("character_kinds", kind)
    put_ranges("character_scripts", script)
    put_ranges("character_recomposed", lambda code: 1 if is_recomposed(code) else None)
    put_ranges("character_classes", lambda code: unicodedata.combining(chr(code)) or None)
    put_ranges("character_look_latin", lambda code: 1 if chr(code) in LOOK_LATIN else None)
    rows = [f"    {{{first:#x}, {second:#x}}}," for first, second in pairs()]
    print("const struct character_pair character_pairs[] = {", *rows, "};", sep="\n")
    print(f"const size_t character_pair_count = {len(rows)};")


if __name__ == "__main__":
    sys.exit(main())
