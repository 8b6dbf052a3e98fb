"""Constant time of the vector engines' field, in the binary itself: neither checker of marked
secrets knows all of its instructions. In a kernel no vector's value comes to a general register, a
flag or a mask, so that no branch and no address can depend on it, and no instruction takes longer
for some operands than for others.

    test_kernels.py ENGINE OBJECTS        its name, and its library
"""

import re
import subprocess
import sys
import unittest

KERNELS = ("mul", "sqr", "wide_mul", "wide_mul_add", "wide_sub", "wide_reduce", "add", "sub")
# By the first letters. Of what is here neither compiler makes anything else.
TO_ELSEWHERE = ("vptest", "vtest", "kortest", "ktest", "kmov", "vpmovm", "vmovmsk", "vpextr",
                "vextractps", "vcomis", "vucomis", "vcvttsd2", "vcvtsd2", "vpcmpestr", "vpcmpistr")
TIME_VARIES = ("vdiv", "vsqrt", "vrcp", "vrsqrt", "div", "idiv", "vgather", "vpgather", "vscatter",
               "vpscatter", "vpconflict", "vpcompress", "vpexpand")
GENERAL = re.compile(r"%(r([abcd]x|[sd]i|[sb]p|\d+d?)|e([abcd]x|[sd]i|[sb]p))$")


def functions(library):
    """The instructions of each function: name and operands."""
    listing = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", library],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in listing.splitlines():
        head = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        instruction = re.match(r"\s+[0-9a-f]+:\s+(\S+)\s*(\S*)", line)
        if head:
            found[head[1]] = body = []
        elif instruction and found:
            body.append(instruction.groups())
    return found


def leaves_vectors(name, operands):
    """Whether it takes a vector register to somewhere else, or could be slower for some values."""
    if name.startswith(TO_ELSEWHERE + TIME_VARIES):
        return True
    return name.startswith(("vmovq", "vmovd")) and not name.startswith(("vmovdq", "vmovddup")) \
        and bool(GENERAL.search(operands))


class Kernels(unittest.TestCase):
    def setUp(self):
        prefix = {"avx512": "fpv_"}.get(ENGINE, ENGINE + "_fpv_")
        self.found = {name.removeprefix(prefix): body
                      for name, body in functions(LIBRARY).items()}

    def test_vectors_stay_vectors(self):
        for kernel in KERNELS:
            body = self.found[kernel]
            if kernel == "sqr":  # clang leaves a part of it to itself
                body = body + self.found.get("wide_sqr", [])
            self.assertGreater(sum("mm" in operands for _, operands in body), 3, kernel)
            self.assertEqual([each for each in body if leaves_vectors(*each)], [], kernel)

    def test_one_that_leaves_is_found(self):
        self.assertTrue(any(leaves_vectors(*each) for each in self.found["zero_mask"]))


if __name__ == "__main__":
    LIBRARY = sys.argv.pop()
    ENGINE = sys.argv.pop()
    unittest.main(verbosity=2)
