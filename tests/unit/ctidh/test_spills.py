"""The kernels of an engine of AVX-512 keep columns in registers: in what gcc makes of them, no
column goes to the stack. One that did would cost half the speed and fail no other test.

    test_spills.py ENGINE OBJECTS        its name, and its library
"""

import re
import subprocess
import sys
import unittest

# Those that have no vectors on the stack by themselves.
KERNELS = ("fpv_mul", "fpv_wide_mul", "fpv_wide_mul_add", "fpv_wide_reduce", "fpv_add", "fpv_sub")
PREFIX = {"avx512": "", "avx512f": "avx512f_"}
# The limbs of one factor as doubles, once stored by each product of two.
STORED = {("avx512f", kernel): 20 for kernel in ("fpv_mul", "fpv_wide_mul", "fpv_wide_mul_add")}


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
            body = found[PREFIX[ENGINE] + kernel]
            self.assertGreater(sum("zmm" in each for each in body), 20, kernel)
            on_stack = spills(body)
            self.assertEqual(len(on_stack), STORED.get((ENGINE, kernel), 0), (kernel, on_stack))

    def test_a_spill_is_found(self):
        self.assertTrue(spills(["   0: vmovdqa64 %zmm3,0x40(%rsp)"]))
        self.assertTrue(any(spills(body) for body in functions(LIBRARY).values()))


if __name__ == "__main__":
    LIBRARY = sys.argv.pop()
    ENGINE = sys.argv.pop()
    unittest.main(verbosity=2)
