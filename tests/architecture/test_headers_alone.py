"""Every header compiles alone, also twice in one file, and opens with its purpose."""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import unittest

import tree

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
COMPONENTS = ("common", "server", "client", "web")
PUBLIC = pathlib.Path("common/reunion/reunion.h")


def commands():
    """The compiler's arguments for each folder of sources, as the build uses them."""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if source.suffix != ".c" or not source.is_relative_to(tree.SOURCE.resolve()):
            continue
        arguments = shlex.split(entry["command"])
        if pathlib.Path(arguments[0]).name == "ccache":
            del arguments[0]
        # The compiler, then only what decides how a header is understood.
        kept = [arguments[0]] + [argument for argument in arguments[1:] if argument.startswith(
            ("-I", "-D", "-U", "-W", "-std=", "-m", "-pthread", "-isystem"))
            and not argument.startswith(("-MQ", "-MD", "-MF", "-Wl,"))]
        found.setdefault(source.parent, (entry["directory"], kept))
    return found


def compile_errors(directory, arguments, content, language="c"):
    done = subprocess.run([*arguments, "-Werror", "-fsyntax-only", "-x", language, "-"],
                          cwd=directory, input=content, capture_output=True, text=True)
    return done.stderr if done.returncode != 0 else ""


class HeadersAlone(unittest.TestCase):
    def setUp(self):
        self.commands = commands()
        self.headers = tree.files(".h")
        self.assertTrue(self.headers)

    def command_for(self, header):
        """As for the sources beside a header, or else for those nearest above it."""
        for folder in (tree.SOURCE / header).resolve().parents:
            if folder in self.commands:
                return self.commands[folder]
            inside = [each for each in self.commands if each.is_relative_to(folder)]
            if inside:
                return self.commands[min(inside)]
        self.fail(f"nothing near {header} is compiled")

    def test_each_compiles_alone(self):
        def errors(header):
            directory, arguments = self.command_for(header)
            # A test may look into every component; web/ is compiled by another compiler.
            if header.parts[0] in ("tests", "web"):
                arguments = arguments + [f"-I{tree.SOURCE / root}" for root in COMPONENTS]
            name = (tree.SOURCE / header).resolve()
            twice = f'#include "{name}"\n' * 2 + "typedef int no_empty_translation_unit;\n"
            return compile_errors(directory, arguments, twice)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for header, found in zip(self.headers, pool.map(errors, self.headers)):
                self.assertEqual(found, "", header)

    def test_a_header_that_needs_another_is_found(self):
        directory, arguments = self.command_for(PUBLIC)
        self.assertNotEqual(compile_errors(directory, arguments, "uint8_t x(size_t y);"), "")

    def test_the_public_header_needs_nothing_of_ours(self):
        directory, arguments = self.command_for(PUBLIC)
        without_paths = [each for each in arguments if not each.startswith("-I")]
        include = f'#include "{(tree.SOURCE / PUBLIC).resolve()}"\n'
        self.assertEqual(compile_errors(directory, without_paths, include), "")

    def test_each_opens_with_its_purpose(self):
        for header in self.headers:
            first = tree.text(header).split("*/")[0]
            self.assertTrue(first.startswith("/* "), header)
            self.assertIn(".", first, header)


if __name__ == "__main__":
    unittest.main(verbosity=2)
