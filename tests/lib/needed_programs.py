"""Every program that a test says it `needs`, as the tests' own source has it."""

import ast
import pathlib

TESTS = pathlib.Path(__file__).resolve().parents[1]


class CannotTell(Exception):
    """A call of `needs` with something that is only known when the test runs."""


def collect(folder=TESTS):
    """The names and paths of them all."""
    trees = {path: ast.parse(path.read_text(), path) for path in sorted(folder.rglob("*.py"))}
    constants = {path.stem: _constants(tree) for path, tree in trees.items()}
    found = set()
    for path, tree in trees.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "needs":
                for argument in call.args[1:]:
                    found |= _programs(path, argument, constants)
    return found


def _constants(tree):
    """NAME: the words of all `NAME = ("word", OTHER_NAME)` in a module and in its classes, None if
    one of them has something else in it."""
    assigned = [(getattr(target, "id", ""), node.value) for node in ast.walk(tree)
                if isinstance(node, ast.Assign) for target in node.targets]
    texts = {name: value.value for name, value in assigned
             if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    found = {}
    for name, value in assigned:
        if isinstance(value, (ast.Tuple, ast.List)):
            words = {texts.get(word.id) if isinstance(word, ast.Name) else
                     getattr(word, "value", None) for word in value.elts}
            before = found.get(name, set())
            known = before is not None and all(isinstance(word, str) for word in words)
            found[name] = before | words if known else None
    return found


def _programs(path, argument, constants):
    """Of an argument: "word", *NAME, *module.NAME or *self.NAME."""
    if isinstance(argument, ast.Constant):
        return {argument.value}
    if isinstance(argument, ast.Starred):
        value = argument.value
        if isinstance(value, ast.Name):
            words = constants[path.stem].get(value.id)
        elif isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            owner = value.value.id
            words = constants[path.stem if owner in ("self", "cls") else owner].get(value.attr)
        else:
            words = None
        if words:
            return words
    raise CannotTell(f"{path}:{argument.lineno}: needs({ast.unparse(argument)})")
