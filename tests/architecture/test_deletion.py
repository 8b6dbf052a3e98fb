"""Nothing that is run here deletes what is not its own: see deletion.py for the rules."""

import re
import unittest

import deletion
import tree

# What may be removed whole by its name, as it is nobody else's where the text is run: in an image
# that is built, and by the package that has made it.
IN_IMAGES = ("/var/lib/apt/lists/*",)
OF_THE_PACKAGES = ("/var/lib/private/reunion", "/var/lib/reunion",
                   "/var/lib/private/reunion-mix", "/var/lib/reunion-mix")

BAD_SCRIPTS = {
    "a name that is relative": "set -eu\nrm -r work\n",
    "one of several that is": 'set -eu\nw=$(mktemp -d)\nrm -rf "$w" build\n',
    "a variable from elsewhere": 'set -eu\nrm -rf "$folder"\n',
    "one that may be empty": 'set -eu\nrm -rf "$1/x"\n',
    "one without quotes": "set -eu\nw=$(mktemp -d)\nrm -rf $w\n",
    "a way out of the folder": 'set -eu\nw=$(mktemp -d)\nrm -rf "$w/../x"\n',
    "flags apart": "set -eu\nrm -f -R -- /srv\n",
    "a long flag": 'set -eu\nrm --recursive "$HOME"\n',
    "after a trap": "set -eu\ntrap 'rm -rf \"$x\"' EXIT\n",
    "an absolute path": "set -eu\nrm -rf /var/lib/reunion\n",
    "a single file, relative": "set -eu\nrm -f log\n",
    "a single file, perhaps at the root": "set -eu\nrm -f \"$1/etc/resolv.conf\"\n",
    "everything here": "set -eu\nrm *\n",
    "after other commands": "set -eu\nif true; then rm -r x; fi\n",
    "find": 'set -eu\nfind . -name x -delete\n',
    "find that calls rm": 'set -eu\nfind "$B" -mindepth 1 -exec rm -rf {} +\n',
    "find on a folder not looked at": 'set -eu\nfind "${B:?}" -mindepth 1 -exec rm -rf {} +\n',
    "git's own": "set -eu\ngit clean -fdx\n",
    "a hook of apt's that is run outside": "set -eu\nmmdebstrap --customize-hook="
                                           "\"copy-in x /etc/apt/apt.conf.d\" bookworm y\n",
    "no set": "true\n",
    "no -u": "set -e\ntrue\n",
    "cd, and on": "set -eu\ncd /x && true; true\n",
    "cd, or not": "set -eu\ncd /x || true\n",
    "cd that may fail": "cd /x\nmake\n",
    "a namespace with somebody else's root": "set -eu\nnsenter --mount=/proc/1/ns/mnt -- true\n",
    "the same by letters": "set -eu\nnsenter -t 1 -m true\n",
}
GOOD_SCRIPTS = {
    "a folder of its own": 'set -eu\nw=$(mktemp -d)\ntrap \'rm -rf "$w"\' EXIT\n',
    "below it": 'set -euo pipefail\nw=$(mktemp -d)\nrm -r "$w/old" "${w:?}/new"\n',
    "a file of its own": 'set -eu\nlog=$(mktemp)\nrm -f "$log"\n',
    "a file by its whole name": "set -eu\nrm -f /usr/sbin/policy-rc.d\n",
    "never unset": 'set -eu\nrm -f "${1:?}/etc/resolv.conf" "${1:?}"/var/cache/apt/*.bin\n',
    "cd at the start": 'set -eu\ncd "$(dirname "$(readlink -f "$0")")"\nmake\n',
    "cd or the end": "set -eu\ncd /x || exit 1\n",
    "cd in a substitution": "set -eu\nhere=$(cd /x && pwd)\n",
    "a marked folder": 'set -eu\nif [ ! -f "$B/.made-by-x" ]; then exit 1; fi\n'
                       'find "${B:?}" -mindepth 1 -exec rm -rf --one-file-system {} +\n',
    "podman's": "set -eu\npodman rm --force x\n",
    "a comment": "set -eu\n# rm -r work\n",
    "its root as well": "set -eu\nnsenter --target 1 --mount --root --wd=/ true\n",
    "the network alone": "set -eu\nnsenter -t 1 -n true\n",
}
BAD_PYTHON = (
    "shutil.rmtree(folder)", "from shutil import rmtree", "os.removedirs('x')",
    "run(['rm', '-rf', folder])", "run('rm', '-r', 'x')",
    "run('sh', '-c', 'cd \"$0\" && mkdir work; rm -r work', x)",
    "script = ('cd \"$0\" && mkdir work && '\n'mount x; rm -r work')",
    "run('sh', '-c', f'rm -r {place}; true')", "run('sh', '-euc', f'rm -r {place}; true')",
    "run('sh', '-c', 'mount -t tmpfs tmpfs /x; mv a b')", "run('bash', '-e', '-c', 'cd /x')",
    "['nsenter', f'--mount={x}', '--']", "('nsenter', '-t', pid, '-m', 'true')",
    "HOLD = 'for x in a b; do rm -rf $x; done'",
)
GOOD_PYTHON = (
    "own_folder.remove_tree(x)", "run('sh', '-euc', 'mount -t tmpfs tmpfs /x; true')",
    "run('bash', '-euo', 'pipefail', '-c', 'cd /x')", "podman('rm', '--force', 'x')",
    "run('sh', '-c', 'exec \"$0\" \"$@\" >/dev/full')", "'''It may rm -r what it likes.'''",
    "def f():\n    'rm -r work'\n", "('nsenter', '-t', pid, '-n', 'true')",
    "['nsenter', f'--mount={x}', f'--root={y}', '--wd=/']", "path.rmdir()",
    "S = 'mount a; cd /x'\nrun('sh', '-euc', S)",
    "script = ('set -eu\\n' 'w=$(mktemp -d)\\n' 'rm -r \"$w\"')",
)


def is_script(content):
    return bool(re.match(r"#!\s?\S*/(env )?(ba|da|z)?sh\b", content))


def recipes(content):
    """Of a Makefile, each command as its shell gets it."""
    joined = re.sub(r"\\\n", " ", content)
    return [line.lstrip("\t@-").replace("$$", "$") for line in joined.splitlines()
            if line.startswith("\t")]


def blocks(content):
    """The fenced blocks for a shell of a document."""
    return re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```$", content, re.MULTILINE | re.DOTALL)


def faults(path, content):
    """Of a file of the tree."""
    if path.suffix == ".py" or content.startswith("#!/usr/bin/env python"):
        return deletion.faults_of_python(content, path.as_posix())
    if path.suffix in (".c", ".h"):
        return deletion.faults_of_c(content) if path.parts[0] == "tests" else []
    if path.suffix == ".Dockerfile":
        return deletion.faults(content, IN_IMAGES)
    if path.name == "Makefile":
        return [fault for text in recipes(content) for fault in deletion.faults(text)]
    if path.suffix == ".md":
        return [fault for text in blocks(content) for fault in deletion.faults(text, strict=False)]
    if path.parts[:2] == ("packaging", "debian"):
        return deletion.faults(content, OF_THE_PACKAGES, strict="set -e" in content)
    if is_script(content):
        return deletion.faults_of_script(content)
    return deletion.faults(content) if path.suffix in (".build", ".yml", ".in", "") else []


class Deletion(unittest.TestCase):
    def test_the_tree(self):
        seen, found = 0, []
        for path in tree.files():
            if "corpus" in path.parts or path.suffix in (".png", ".db") \
                    or path.name == "test_deletion.py":
                continue
            content = tree.text(path)
            seen += is_script(content)
            found += [f"{path}: {fault}" for fault in faults(path, content)]
        self.assertGreater(seen, 8)
        self.assertEqual(found, [])

    def test_scripts_that_are_planted(self):
        for what, text in BAD_SCRIPTS.items():
            with self.subTest(what):
                self.assertNotEqual(deletion.faults_of_script(text), [])
        for what, text in GOOD_SCRIPTS.items():
            with self.subTest(what):
                self.assertEqual(deletion.faults_of_script(text), [])

    def test_programs_that_are_planted(self):
        for text in BAD_PYTHON:
            with self.subTest(text):
                self.assertNotEqual(deletion.faults_of_python(text), [])
        for text in GOOD_PYTHON:
            with self.subTest(text):
                self.assertEqual(deletion.faults_of_python(text), [])
        self.assertEqual(deletion.faults_of_python("shutil.rmtree(x)", deletion.REMOVES_TREES), [])

    def test_what_is_planted_in_other_files(self):
        for name, text in (("Makefile", "clean:\n\t@find $(B) -exec rm -rf {} +\n"),
                           ("Makefile", "clean:\n\trm -rf build\n"),
                           ("x.Dockerfile", "RUN true \\\n && rm -rf /srv/x\n"),
                           ("x.md", "```sh\ncd /srv\nmake\n```\n"),
                           ("x.md", "```\nrm -rf build\n```\n"),
                           ("tests/x.c", 'system("x");'),
                           ("packaging/debian/x.postrm", "#!/bin/sh\nset -e\nrm -rf /var/lib/x\n")):
            with self.subTest(text):
                self.assertNotEqual(faults(tree.pathlib.Path(name), text), [])
        for name, text in (("Makefile", "all:\n\t@.ci/clean build\n"),
                           ("x.Dockerfile", "RUN true && rm -rf /var/lib/apt/lists/*\n"),
                           ("x.md", "`rm -r build` as prose\n```sh\nmake test\n```\n"),
                           ("packaging/debian/x.postrm",
                            "#!/bin/sh\nset -e\nrm -rf /var/lib/reunion\n")):
            with self.subTest(text):
                self.assertEqual(faults(tree.pathlib.Path(name), text), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
