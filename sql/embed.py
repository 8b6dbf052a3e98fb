"""Write the SQL files named on the command line as one C source of string constants.

usage: embed.py OUTPUT FILE...

`sqlite/schema-v1.sql` becomes `const char sql_schema_v1[]`, `postgres/schema-v1.sql`
`const char sql_postgres_schema_v1[]`. Empty lines and those that are a
comment are left out: a compiler need not take strings of any length.
"""

import pathlib
import sys


def c_name(path):
    folder = "" if path.parent.name == "sqlite" else path.parent.name + "_"
    return "sql_" + folder + path.stem.replace("-", "_")


def says_something(line):
    return line.strip() and not line.lstrip().startswith("--")


def c_string(text):
    def line(part):
        escaped = part.replace("\\", "\\\\").replace('"', '\\"')
        return f'    "{escaped}\\n"'

    return "\n".join(line(part) for part in filter(says_something, text.splitlines()))


def main(output, *files):
    parts = ['#include "store/sql.h"\n']
    for path in map(pathlib.Path, files):
        parts.append(f"const char {c_name(path)}[] =\n{c_string(path.read_text('utf-8'))};\n")
    pathlib.Path(output).write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
