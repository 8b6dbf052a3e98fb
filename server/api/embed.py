"""Write what the server serves as it is, a page and the API's description, as one C source.

usage: embed.py OUTPUT PAGE PROBLEM_TABLE RESPONSES JSON...

The JSON files are parts of one OpenAPI document: objects whose members are merged, at every depth.
The part about problems is made of the first two (describe_problems.py).
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

import describe_problems


def c_bytes(name, data):
    """The bytes and, not counted, a zero at their end."""
    lines = [data[at:at + 20] for at in range(0, len(data), 20)]
    body = "\n".join("    " + " ".join(f"0x{byte:02x}," for byte in line) for line in lines)
    return (f"const char {name}[] = {{\n{body}\n    0x00,\n}};\n"
            f"const size_t {name}_bytes = sizeof {name} - 1;\n")


def policy(page):
    """A Content-Security-Policy that lets in nothing but the page's own style and icon."""
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
              for style in styles]
    sources = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (f"default-src 'none';style-src {sources};img-src data:;base-uri 'none';"
            "form-action 'none';frame-ancestors 'none'")


def merge(into, part, where):
    for key, value in part.items():
        if isinstance(into.get(key), dict) and isinstance(value, dict):
            merge(into[key], value, f"{where}/{key}")
        elif key in into:
            raise SystemExit(f"{where}/{key} is in two files")
        else:
            into[key] = value


def no_duplicates(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise SystemExit(f"a key stands twice among {[key for key, _ in pairs]}")
    return made


def document(problem_table, responses, *files):
    """The whole of an OpenAPI document, as one object."""
    texts = [pathlib.Path(path).read_text("utf-8") for path in (problem_table, responses, *files)]
    whole = describe_problems.described(*texts[:2])
    for text in texts[2:]:
        merge(whole, json.loads(text, object_pairs_hook=no_duplicates), "")
    return whole


def main(output, page, *files):
    html = pathlib.Path(page).read_text("utf-8")
    described = json.dumps(document(*files), separators=(",", ":"), ensure_ascii=False)
    pathlib.Path(output).write_text("\n".join([
        '#include "api/embedded.h"\n',
        c_bytes("page_html", html.encode()),
        f'const char page_policy[] =\n    "{policy(html)}";\n',
        c_bytes("openapi_json", described.encode()),
    ]), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
