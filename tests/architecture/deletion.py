"""What shell text, and Python, may delete: finds what could hit what is not ours.

A rule for each way that it has gone wrong somewhere: a recursive `rm` of a name that is relative or
may be empty, a `cd` whose failure is not the end, a namespace entered without its root folder.
"""

import ast
import re

# Only own_folder removes trees, and only those that it has marked.
REMOVES_TREES = "tests/lib/own_folder.py"

STRICT = re.compile(r"^\s*set -(?=\w*e)(?=\w*u)\w+", re.MULTILINE)
# Where a command begins: a line, a list, a quoted text, or what runs other commands.
COMMAND = r"(?:^|[;&|({'\"`]|\b(?:then|do|else|exec|sudo|xargs|env|trap)\b|-exec\b)\s*"
RM = re.compile(COMMAND + r"rm((?:[ \t]+(?![;&|])(?:'[^'\n]*'|\"[^\"\n]*\"|\\\n|[^\s;&|)'\"])+)+)",
                re.MULTILINE)
RECURSIVE = re.compile(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive")
CD = re.compile(COMMAND + r"cd[ \t]+(?:\"[^\"\n]*\"|\$\([^\n]*\)|[^\s;&|)])+[ \t]*"
                r"(?P<then>\|\|[ \t]*(?:exit|return)|&&|;|\)|$|\|\|)?", re.MULTILINE)
LITERAL = re.compile(r"(?:/[\w.@:+-]+){2,}")
# The first: mmdebstrap has the machine's own apt run the hooks that are configured in there.
OTHERS = re.compile(r"\bcopy-in\b[^\n]*/etc/apt|\bgit\s+clean\b|\brsync\b[^\n]*--delete|\bmkfs\b|"
                    r"\bwipefs\b|\bmmdebstrap\b[^\n]*--format=(?:dir|null)")
FIND = re.compile(r"\bfind\b(?P<start>(?:[^\n;|]|\\\n)*?)\s(?:-delete\b|-exec(?:dir)?\s+rm\b)")
# What goes wrong when a command before it has failed.
DANGEROUS = re.compile(COMMAND + r"(?:rm|mv|cd|mount|umount|find|pivot_root|chroot)\s")
FILLED_IN = "{…}"
ENTERS_MOUNTS = re.compile(r"(?:-m|-a|--all|--mount)(?:=.*)?$")


def without_comments(text):
    """The text, as many lines long; the first line of a script is one."""
    return re.sub(r"^[ \t@]*#.*$", "", text, flags=re.MULTILINE)


def temporary(text):
    """The variables that hold a folder or a file that the text itself has made with mktemp."""
    return set(re.findall(r"\b(\w+)=\"?\$\(mktemp\b", text))


def assigned(text):
    return set(re.findall(r"(?:^|[;\s])(\w+)=", text))


def words(arguments):
    """Of a command, as the shell would split it, quotes left on; trailing quotes of a whole text
    that was itself quoted are not the last word's."""
    found = re.findall(r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'\\])+", arguments)
    return [word for word in found if word]


def is_variable_of(word, names):
    """Whether a word is the quoted value of one of the names, perhaps with a path below it."""
    found = re.fullmatch(r'"\$(?:\{(\w+)(?::\?[^}]*)?\}|(\w+))((?:/[\w.*-]+)*)"', word)
    return bool(found) and (found[1] or found[2]) in names and ".." not in found[3]


def is_refused_when_unset(word):
    """`"${1:?}/etc/x"`: unset or empty, the shell stops."""
    return bool(re.fullmatch(r'"\$\{\w+:\?[^}]*\}(?:/[\w.*-]+)+"|'
                             r'"\$\{\w+:\?[^}]*\}"(?:/[\w.*-]+)+', word))


def faults_of_rm(text, places):
    """`places`: absolute paths that may be removed whole, where the text is run."""
    strict, own, named = bool(STRICT.search(text)), temporary(text), assigned(text)
    for found in RM.finditer(text):
        given = words(found[1])
        flags = [word for word in given if word.startswith("-")]
        operands = [word for word in given if not word.startswith("-") and word != "{}" and
                    word != "+" and not re.match(r"\d?>", word)]
        recursive = any(RECURSIVE.fullmatch(flag) for flag in flags)
        for operand in operands:
            if operand in places or is_refused_when_unset(operand) and not recursive:
                continue
            if is_variable_of(operand, own if recursive else named) and (strict or not recursive):
                continue
            if not recursive and LITERAL.match(operand):
                continue
            yield " ".join(["rm", *flags, operand])


def faults_of_find(text):
    """A folder that find empties was looked at: that its mark is there."""
    for found in FIND.finditer(text):
        start = words(found["start"])
        name = re.fullmatch(r'"\$\{(\w+):\?\}"', start[0]) if len(start) >= 1 else None
        if not name or not STRICT.search(text) or f'[ ! -f "${name[1]}/.made-by-' not in text:
            yield found.group().strip()


def faults_of_cd(text, strict):
    for found in CD.finditer(text):
        then = (found["then"] or "").replace(" ", "")
        if then.startswith(("||exit", "||return")):
            continue
        inside = text.rfind("$(", 0, found.start() + 2)
        is_substituted = inside >= 0 and inside >= text.rfind(")", 0, found.start() + 1)
        if then == "&&" and is_substituted:
            continue
        if then == "&&" or then == "||" or not strict:
            yield found.group().strip()


def faults_of_nsenter(line):
    given = words(line.partition("nsenter")[2]) if "nsenter" in line else []
    if any(ENTERS_MOUNTS.match(word) for word in given):
        if not any(word.startswith(("--root", "-r")) for word in given):
            yield f"{line.strip()}: enters mounts, and not the root folder there"


def faults(text, places=(), strict=None):
    """What in a text for a shell may delete what is not ours. `strict`: whether it is run so that
    the first failure and an unset variable end it; None: the text says."""
    text = without_comments(text)
    if strict is None:
        strict = bool(STRICT.search(text))
    elif strict:
        text = "set -eu\n" + text
    return [*faults_of_rm(text, places), *faults_of_find(text), *faults_of_cd(text, strict),
            *(found.group() for found in OTHERS.finditer(text)),
            *(fault for line in text.replace("\\\n", " ").splitlines()
              for fault in faults_of_nsenter(line))]


def faults_of_script(text):
    """Those, and whether a file for a shell begins with what ends it at the first failure."""
    begins = [] if STRICT.search(text) else ["no `set -eu`"]
    return begins + faults(text)


def string(node):
    """A string's text, with FILLED_IN where something is; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(string(part) if isinstance(part, ast.Constant) else FILLED_IN
                       for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        both = string(node.left), string(node.right)
        return None if None in both else "".join(both)
    return None


def sequences(tree):
    """The strings of each list, tuple and call in a Python program, None for what is none."""
    for node in ast.walk(tree):
        items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else \
            node.args if isinstance(node, ast.Call) else []
        if items:
            yield [string(item) for item in items]


def shell_flags(items):
    """(flags, text) of each `sh -c TEXT` in a sequence; the text is None where it is no string."""
    for at, item in enumerate(items):
        if item in ("sh", "bash", "dash", "/bin/sh", "/bin/bash"):
            flags = []
            for last, flag in enumerate(items[at + 1:], at + 1):
                flags.append(flag or "")
                if re.fullmatch(r"-\w*c", flag or ""):
                    yield "".join(flags), items[last + 1] if last + 1 < len(items) else None
                    break


def strings_for_strict_shells(tree):
    """The texts that are given to a shell with -eu, and the names of those that are."""
    texts = set()
    for node in ast.walk(tree):
        items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else \
            node.args if isinstance(node, ast.Call) else []
        shown = [string(item) for item in items]
        for at, flag in enumerate(shown[:-1]):
            if re.fullmatch(r"-\w*c", flag or "") and is_strict("".join(map(str, shown[:at + 1]))):
                texts.add(shown[at + 1] or getattr(items[at + 1], "id", None))
    named = {target.id: string(node.value) for node in ast.walk(tree)
             if isinstance(node, ast.Assign) for target in node.targets
             if isinstance(target, ast.Name)}
    return {named.get(text, text) for text in texts}


def is_strict(flags):
    return bool(re.search(r"-\w*e\w*", flags) and re.search(r"-\w*u\w*", flags))


def faults_of_lists(tree):
    for items in sequences(tree):
        shown = [item or "…" for item in items]
        for flags, text in shell_flags(items):
            if text is not None and DANGEROUS.search(text) and not is_strict(flags):
                yield f"{text}: given to a shell without -eu"
        if "rm" in items and any(RECURSIVE.fullmatch(item) for item in shown):
            yield " ".join(shown)
        if "nsenter" in items and any(ENTERS_MOUNTS.match(item) for item in shown):
            if not any(item.startswith("--root") for item in shown):
                yield f"{' '.join(shown)}: enters mounts, and not the root folder there"


def faults_of_python(source, path=""):
    """Of the shell text in its strings, and of what it deletes itself."""
    tree = ast.parse(source)
    found = list(faults_of_lists(tree))
    strict = strings_for_strict_shells(tree)
    documentation = {id(node.body[0].value) for node in ast.walk(tree)
                     if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
                     and node.body and isinstance(node.body[0], ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.BinOp))
             for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if id(node) in documentation or id(node) in parts:
            continue
        text = string(node)
        if text and DANGEROUS.search(text):
            found += faults(text, strict=True if text in strict else None)
        name = getattr(node, "attr", getattr(node, "id", getattr(node, "name", None)))
        if name in ("rmtree", "removedirs") and path != REMOVES_TREES:
            found.append(name)
    return found


def faults_of_c(source):
    return re.findall(r"\b(?:system|popen|nftw|ftw)\s*\(", source)
