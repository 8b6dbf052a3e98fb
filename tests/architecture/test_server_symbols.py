"""The server links neither the session nor CTIDH nor the seal of private links: it could read
neither a message nor a link if it wanted to.

Looks at the symbols of the programs as they are built.
"""

import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
SERVER = BUILD / "server" / "reunion-server"

# What only clients have, and one that does. Of all cryptography the server shares crypto/hash and,
# for stamps, crypto/argon2id, and, for mailboxes, crypto/seal, which are libraries of their own for
# that reason.
CLIENTS_OWN = [(BUILD / "common" / name, BUILD / "client" / client)
               for name, client in (("libctidh.a", "reunion-client"),
                                    ("libreunion_session.a", "reunion-client"),
                                    ("libcrypto.a", "reunion-client"),
                                    ("liblink.a", "reunion-link"))]


def symbols(program, *options):
    listed = subprocess.run(["nm", "--format=posix", *options, program], capture_output=True,
                            text=True, check=True)
    # A line that names a member of an archive has no second word.
    words = [line.split() for line in listed.stdout.splitlines()]
    return {word[0].partition("@")[0] for word in words if len(word) > 1}


def libraries(program):
    listed = subprocess.run(["readelf", "--dynamic", program], capture_output=True, text=True,
                            check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", listed.stdout)


class ServerSymbols(unittest.TestCase):
    def test_the_server_has_none_of_the_clients_own(self):
        found = symbols(SERVER)
        self.assertIn("main", found)
        for archive, client in CLIENTS_OWN:
            own = symbols(archive, "--defined-only", "--extern-only")
            self.assertGreater(len(own), 4, archive)
            self.assertEqual(sorted(found & own), [], archive)
            # That a client has some of them shows that this looks for the right names.
            self.assertGreater(len(symbols(client) & own), 4, archive)

    def test_the_server_loads_no_library_for_them(self):
        found = libraries(SERVER)
        self.assertTrue(any(name.startswith("libmicrohttpd") for name in found), found)
        for name in found:
            self.assertFalse(name.startswith(("libreunion", "libcurl")), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
