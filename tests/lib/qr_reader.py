"""Reading the QR codes that programs draw on a terminal."""

import pathlib
import subprocess
import tempfile

from needed import needs

_BLOCKS = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}
_SCALE = 4
_COLOURS, _NO_COLOURS = "\033[40;97m", "\033[0m"


def is_drawn(line):
    return line.startswith(_COLOURS)


def _picture(lines):
    """The lines as a grey picture; they set their own colours."""
    rows = []
    for line in lines:
        modules = [_BLOCKS[block] for block in
                   line.removeprefix(_COLOURS).removesuffix(_NO_COLOURS)]
        rows += [[module[half] for module in modules] for half in (0, 1)]
    width, height = len(rows[0]) * _SCALE, len(rows) * _SCALE
    pixels = b"".join(bytes(255 * module for module in row for _ in range(_SCALE))
                      for row in rows for _ in range(_SCALE))
    return b"P5 %d %d 255\n" % (width, height) + pixels


def read(case, lines):
    """What a reader of codes sees in the lines of one, each a line of the answer."""
    needs(case, "zbarimg")
    with tempfile.TemporaryDirectory(prefix="reunion-") as folder:
        picture = pathlib.Path(folder) / "code.pgm"
        picture.write_bytes(_picture(lines))
        return subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True,
                              text=True, check=False).stdout.splitlines()
