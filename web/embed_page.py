"""Write the page's parts as one C source, as reunion-server serves them.

usage: embed_page.py OUTPUT [HASHES INDEX PART...]

Without a page the source says that there is none.
"""

import hashlib
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm"}


def part(number, path):
    """Its bytes, which the assembler reads: a compiler takes long over so many numbers."""
    return (f'__asm__(".section .rodata\\n.balign 16\\n.hidden page_part_{number}\\n"\n'
            f'        ".globl page_part_{number}\\npage_part_{number}:\\n"\n'
            f'        ".incbin \\"{path}\\"\\n.byte 0\\n.previous\\n");\n'
            f"extern const uint8_t page_part_{number}[];\n")


def row(number, path, data):
    served = "/" if path.name == "index.html" else f"/page/{path.name}"
    digest = hashlib.sha256(data).hexdigest()
    return (f'    {{"{served}", "{TYPES[path.suffix]}", "\\"{digest[:32]}\\"", '
            f"page_part_{number}, {len(data)}}},\n")


def main(output, hashes=None, *names):
    paths = [pathlib.Path(name).resolve() for name in names]
    listed = pathlib.Path(hashes).read_text("utf-8") if hashes else ""
    lines = "".join(f'    "{line}\\n"\n' for line in listed.splitlines()) or '    ""\n'
    text = '#include "api/page_parts.h"\n\n'
    text += "".join(part(number, path) for number, path in enumerate(paths))
    text += "\nconst struct page_part page_parts[] = {\n"
    text += "".join(row(number, path, path.read_bytes()) for number, path in enumerate(paths))
    text += "" if paths else "    {NULL, NULL, NULL, NULL, 0},\n"
    text += f"}};\nconst size_t page_part_count = {len(paths)};\n"
    text += f"const char page_hashes[] =\n{lines[:-1]};\n"
    pathlib.Path(output).write_text(text, "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
