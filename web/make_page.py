"""Build the page: what a server sends, and the same as one file.

usage: make_page.py OUTPUT_FOLDER WORD_LIST REUNION_JS WASM WASM_SIMD

Leaves index.html, page.css, page.js and worker.js, which name each other with hashes; page.html,
which has all in it; and hashes, as sha256sum prints them. The same inputs give the same bytes.
"""

import base64
import hashlib
import pathlib
import re
import shutil
import sys
import tempfile

import bundle

PAGE = pathlib.Path(__file__).resolve().parent / "page"
HEAD = "<!-- head -->\n"
ICON = ("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cg "
        "fill='none' stroke='%23c2410c' stroke-width='2'%3E%3Ccircle cx='6' cy='8' r='4.5'/%3E"
        "%3Ccircle cx='10' cy='8' r='4.5'/%3E%3C/g%3E%3C/svg%3E")
# Served below page/, and named so in the page.
PARTS = ("page.css", "page.js", "worker.js", "reunion.wasm", "reunion-simd.wasm")
# What the page fetches itself, by the name that it knows it by.
FETCHED = {"worker": "worker.js", "wasm": "reunion.wasm", "wasm-simd": "reunion-simd.wasm"}


def digest(data, name="sha384"):
    return f"{name}-" + base64.b64encode(hashlib.new(name, data).digest()).decode()


def words_module(word_list):
    """The word list of the clients as a module."""
    words = re.findall(r'"([a-z]+)"', pathlib.Path(word_list).read_text("utf-8").partition("{")[2])
    if len(words) != 2048 or len(set(words)) != len(words):
        raise SystemExit(f"{word_list}: it has not 2048 different words")
    return ("/* Words of 3 to 8 small letters, 11 bits each: BIP-39's English list. Copyright (c)\n"
            " * 2013-2014 Pavol Rusnak; MIT licence. */\n"
            f'export const words = "{" ".join(words)}".split(" ");\n')


def scripts(word_list, reunion_js):
    """page.js and worker.js, from the modules beside each other as in the tree."""
    with tempfile.TemporaryDirectory(prefix="reunion-page-") as folder:
        root = pathlib.Path(folder)
        shutil.copytree(PAGE, root / "page")
        (root / "wasm").mkdir()
        shutil.copyfile(reunion_js, root / "wasm" / "reunion.js")
        (root / "page" / "words.js").write_text(words_module(word_list), "utf-8")
        return {f"{name}.js": bundle.bundle(root / "page" / entry).encode()
                for name, entry in (("page", "main.js"), ("worker", "worker_main.js"))}


def icon():
    return f'<link rel="icon" href="{ICON}">\n'


def served(html, parts):
    """The document that names the others, each with its hash."""
    head = icon() + (f'<link rel="stylesheet" href="page/page.css" '
                     f'integrity="{digest(parts["page.css"])}">\n')
    for name, file in FETCHED.items():
        head += (f'<link rel="reunion-part" data-part="{name}" href="page/{file}" '
                 f'integrity="{digest(parts[file])}">\n')
    head += (f'<script type="module" src="page/page.js" '
             f'integrity="{digest(parts["page.js"])}"></script>\n')
    return html.replace(HEAD, head)


def one_file(html, parts):
    """The document that has all in it. It may ask any server."""
    style, script = parts["page.css"].decode(), parts["page.js"].decode()
    for text, end in ((style, "</style"), (script, "</script"), (script, "<!--")):
        if end in text:
            raise SystemExit(f"{end} is in a part, and would end it")
    policy = (f"default-src 'none'; script-src '{digest(script.encode(), 'sha256')}' "
              f"'wasm-unsafe-eval'; style-src '{digest(style.encode(), 'sha256')}'; img-src data:; "
              "connect-src http: https:; worker-src blob:; base-uri 'none'; form-action 'none'")
    head = (f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n' + icon() +
            f"<style>{style}</style>\n")
    data = "".join(f'<script type="text/plain" data-part="{name}">'
                   f"{base64.b64encode(parts[file]).decode()}</script>\n"
                   for name, file in FETCHED.items())
    return html.replace(HEAD, head).replace(
        "</body>\n", f'{data}<script type="module">{script}</script>\n</body>\n')


def main(output, word_list, reunion_js, wasm, wasm_simd):
    html = (PAGE / "index.html").read_text("utf-8")
    parts = {"page.css": (PAGE / "page.css").read_bytes(),
             "reunion.wasm": pathlib.Path(wasm).read_bytes(),
             "reunion-simd.wasm": pathlib.Path(wasm_simd).read_bytes(),
             **scripts(word_list, reunion_js)}
    files = {"index.html": served(html, parts).encode(), **parts,
             "page.html": one_file(html, parts).encode()}
    hashes = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n"
                     for name, data in files.items())
    for name, data in {**files, "hashes": hashes.encode()}.items():
        if not name.endswith(".wasm"):
            (pathlib.Path(output) / name).write_bytes(data)
    for file in PARTS:
        assert file in parts


if __name__ == "__main__":
    main(*sys.argv[1:])
