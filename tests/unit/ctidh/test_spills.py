"""The vector engine's kernels keep their columns in registers: in what gcc makes of them, no vector
goes to the stack. One that did would cost half the speed and fail no other test.

    test_spills.py OBJECTS        the library of the vector engine
"""

import re
import subprocess
import sys
import unittest

# Those that have no vectors on the stack by themselves.
KERNELS = ("fpv_mul", "fpv_wide_mul", "fpv_wide_mul_add", "fpv_wide_reduce", "fpv_add", "fpv_sub")


def functions(library):
    """The instructions of each function."""
    listing = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", library],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in listing.splitlines():
        head = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        if head:
            found[head[1]] = body = []
        elif line.startswith(" ") and found:
            body.append(line)
    return found


def spills(instructions):
    return [each for each in instructions if "zmm" in each and re.search(r"%r[sb]p\b", each)]


class Spills(unittest.TestCase):
    def test_no_kernel_spills(self):
        found = functions(LIBRARY)
        for kernel in KERNELS:
            self.assertGreater(sum("zmm" in each for each in found[kernel]), 20, kernel)
            self.assertEqual(spills(found[kernel]), [], kernel)

    def test_a_spill_is_found(self):
        self.assertTrue(spills(["   0: vmovdqa64 %zmm3,0x40(%rsp)"]))
        self.assertTrue(any(spills(body) for body in functions(LIBRARY).values()))


if __name__ == "__main__":
    LIBRARY = sys.argv.pop()
    unittest.main(verbosity=2)
