"""Put modules of JavaScript into one script, each in a scope of its own.

What the page's modules use is understood, and nothing else: `import { a, b } from "./c.js";` at the
beginning of a line, and `export` before a function, a class or a constant. Anything else ends this
with an error.
"""

import pathlib
import re

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
LEFT = re.compile(r"^\s*(?:import|export)\b.*", re.MULTILINE)


class Bundle:
    def __init__(self):
        self.names = {}    # of the variable that has what a module exports, by its path
        self.parts = []

    def add(self, path):
        """Append a module behind those that it imports. Returns: its variable."""
        path = path.resolve()
        if path in self.names:
            if self.names[path] is None:
                raise SystemExit(f"{path}: it imports itself by a circle")
            return self.names[path]
        self.names[path] = None
        content = path.read_text("utf-8")
        heads = []
        for names, source in IMPORT.findall(content):
            variable = self.add(path.parent / source)
            heads.append(f"const {{ {' '.join(names.split())} }} = {variable};")
        content = IMPORT.sub("", content)
        exported = EXPORT.findall(content)
        content = EXPORT.sub("", content)
        left = LEFT.search(content)
        if left:
            raise SystemExit(f"{path}: this is not understood: {left.group()}")
        name = f"module_{path.stem}_{len(self.parts)}"
        self.parts.append(f"const {name} = (() => {{\n" + "\n".join(heads) + f"\n{content}"
                          f"return {{ {', '.join(exported)} }};\n}})();\n")
        self.names[path] = name
        return name


def bundle(entry):
    made = Bundle()
    made.add(pathlib.Path(entry))
    return '"use strict";\n' + "".join(made.parts)
