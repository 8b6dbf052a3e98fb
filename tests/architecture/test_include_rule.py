"""Who may include whom. The table is the architecture; everything below it only reads it."""

import pathlib
import re
import unittest

import tree

# Folder: what its files may include besides their own folder's headers. An entry is a folder, or
# one header, named as in the include directives: relative to the root of its component. A file sees
# its own component (common/, server/, client/) and common/.
MAY_INCLUDE = {
    "common/base": [],
    "common/crypto": ["base"],
    "common/ctidh": ["base"],
    "common/admission": ["base", "crypto/argon2id.h"],
    "common/reunion": ["base", "crypto", "ctidh"],
    "common/wire": ["base", "crypto/hash.h"],
    # The net file names keys and addresses of the box transport and of mixes.
    "common/json": ["base", "box/address.h", "crypto/box.h", "mix/surb.h", "wire"],
    "common/box": ["base", "crypto"],
    "common/link": ["base", "crypto", "wire/sizes.h"],
    "common/option": ["base"],
    "common/qr": ["base"],
    "common/mix": ["base", "crypto"],
    "common/group": ["base", "crypto"],
    # An example is somebody else's program: it sees the installed <reunion.h> alone.
    "common/example": [],

    # A daemon of packets has a key in a file, and datagrams of the box transport's sizes.
    "server/daemon": ["base", "option", "box/address.h", "box/handshake.h", "box/packet.h"],
    # A bucket's id, a record's kind and sizes are what they are on the network; no formats.
    "server/bucket": ["base", "admission/price.h", "admission/stamp.h", "crypto/hash.h",
                      "wire/bucket_id.h", "wire/record.h", "wire/sizes.h", "store/change.h"],
    # A kind of buckets: what all kinds share is in bucket/.
    "server/links": ["base", "admission/price.h", "crypto/hash.h", "wire/sizes.h", "bucket",
                     "store/change.h"],
    # Mailboxes are found and waited in as buckets are.
    "server/mailbox": ["base", "bucket/batch.h", "bucket/index.h", "bucket/waiters.h",
                       "store/change.h", "wire/sizes.h"],
    # A store knows plain values, and nothing that lives in memory.
    "server/store": ["base", "admission/stamp.h", "wire"],
    "server/service": ["base", "crypto/hash.h", "group/mailbox.h", "wire/sizes.h", "bucket",
                       "links", "mailbox", "store"],
    # All that exists for the reference's endpoints alone, beside what the service has.
    "server/compat": ["base", "wire", "bucket", "service"],
    # The API knows no socket, and not what serves it.
    "server/api": ["base", "wire/sizes.h", "json", "service", "compat/reference.h"],
    "server/ops": ["base", "wire", "service"],
    "server/http": ["base", "daemon", "api"],
    # Its headers and those of common/box are both named "box/…".
    "server/box": ["base", "daemon", "ops/call.h"],
    # Its headers and those of common/mix are both named "mix/…".
    "server/mix": ["base", "option", "wire/op.h", "wire/op_answer.h", "box/address.h",
                   "box/handshake.h", "box/packet.h", "group/delivery.h", "json/net_file.h",
                   "daemon"],
    "server/rendezvous": ["base", "option", "wire", "daemon", "store", "service",
                          "compat/reference.h", "api", "http",
                          "box", "qr"],

    "client/transport": ["base", "admission/stamp.h", "box/packet.h", "crypto/hash.h", "wire",
                         "json", "http", "udp"],
    "client/http": ["base", "admission/stamp.h", "box", "wire/sizes.h"],
    "client/udp": ["base", "box", "json/net_file.h", "mix", "wire"],
    "client/stamps": ["base", "admission/stamp.h"],
    "client/session": ["base", "admission", "stamps", "reunion", "wire/sizes.h",
                       "transport/transport.h"],
    "client/lan": ["base", "reunion", "session/saved_form.h", "session/seen_messages.h"],
    "client/state": ["base"],
    "client/cli": ["base", "option", "box", "wire/sizes.h", "session/bucket_check.h",
                   "http/http.h", "http/server_address.h", "udp/mix_chain.h",
                   "udp/packets.h"],
    # Its headers and those of common/group are both named "group/…".
    "client/group": ["base", "crypto", "session", "state", "transport/packets.h",
                     "udp/packets.h", "cli", "run"],
    "client/run": ["base", "reunion", "session", "state", "cli"],
    # Programs: none includes another.
    "client/rendezvous": ["base", "box/address.h", "json", "wire", "reunion", "session",
                          "transport", "http", "udp", "cli", "run"],
    "client/ethernet": ["base", "cli", "lan", "run"],
    "client/links": ["base", "admission", "stamps", "crypto/hash.h", "link", "wire/sizes.h",
                     "session/bucket_check.h", "transport/link_server.h",
                     "transport/packets_links.h", "transport/v1_links.h", "http", "cli",
                     "qr"],
    # The session and what is beside it on the page; <sodium.h> is its own here.
    "web/wasm": ["base", "admission", "crypto", "ctidh", "link", "reunion", "wire"],
    # Documents of all programs, made while building.
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def folder_of(path):
    """The table's key for a file: at most two levels deep."""
    return "/".join(path.parts[:-1][:2])


def own_name(folder):
    """How other files of its component name a folder in their include directives."""
    return folder.split("/")[-1]


def outside(path, content):
    """The headers of other folders that a file includes."""
    folder = folder_of(path)
    for header in INCLUDE.findall(content):
        place = header.rpartition("/")[0].split("/")[0]
        if place != (own_name(folder) if "/" in folder else ""):
            yield header


def permits(entry, header):
    return entry in (header, header.split("/")[0])


def violations(path, content):
    """What a source file includes against the table."""
    folder = folder_of(path)
    if folder not in MAY_INCLUDE:
        return [f"{path}: the folder {folder} is not in the table of the include rule"]
    return [f"{path} includes {header}" for header in outside(path, content)
            if not any(permits(entry, header) for entry in MAY_INCLUDE[folder])]


def unused(table, files):
    """Entries of the table that no file needs; `files` are paths with their contents."""
    needed = {}
    for path, content in files:
        needed.setdefault(folder_of(path), set()).update(outside(path, content))
    return [f"{folder}: {entry}" for folder, entries in table.items() for entry in entries
            if not any(permits(entry, header) for header in needed.get(folder, ()))]


def target(folder, entry):
    """The table's key for what an entry of a folder names: in its own component, or in common/. A
    folder of either may have the name; then a header is where its file is."""
    name, component = entry.split("/")[0], folder.split("/")[0]
    own = f"{component}/{name}"
    is_common = entry.endswith(".h") and (tree.SOURCE / "common" / entry).exists()
    return own if own in MAY_INCLUDE and not is_common else f"common/{name}"


def reads_sources(path):
    return path.parts[0] in ("common", "server", "client", "web")


class IncludeRule(unittest.TestCase):
    def setUp(self):
        self.sources = [(path, tree.text(path)) for path in tree.files(".c", ".h")
                        if reads_sources(path)]
        self.assertTrue(self.sources)

    def test_sources_follow_the_table(self):
        found = [each for path, content in self.sources for each in violations(path, content)]
        self.assertEqual(found, [])

    def test_each_entry_is_needed(self):
        self.assertEqual(unused(MAY_INCLUDE, self.sources), [])

    def test_each_entry_names_a_folder_of_the_table(self):
        for folder, entries in MAY_INCLUDE.items():
            for entry in entries:
                self.assertIn(target(folder, entry), MAY_INCLUDE, f"{folder}: {entry}")

    def test_the_table_has_no_cycle(self):
        """Layers that may include each other, however indirectly, are one layer. client/transport
        has the interface that client/session uses, and knows nothing of it."""
        def reaches(start, goal, seen):
            for entry in MAY_INCLUDE.get(start, []):
                next_folder = target(start, entry)
                if next_folder == goal or (next_folder not in seen and
                                           reaches(next_folder, goal, seen | {next_folder})):
                    return True
            return False
        self.assertEqual([name for name in MAY_INCLUDE if reaches(name, name, {name})], [])

    def test_violations_are_found(self):
        planted = [
            ("common/base/x.c", '#include "crypto/hash.h"'),
            ("common/wire/x.h", '#include "crypto/aead.h"'),
            ("server/bucket/x.c", '  #  include "store/store.h"'),
            ("server/store/x.c", '#include "bucket/entry.h"'),
            ("server/http/x.c", '#include "bucket/bucket.h"'),
            ("server/api/x.c", '#include "http/listener.h"'),
            ("server/daemon/x.c", '#include "api/request.h"'),
            ("client/transport/x.c", '#include "session/session.h"'),
            ("client/session/x.c", '#include "http/http.h"'),
            ("client/ethernet/x.c", '#include "rendezvous/run.h"'),
            ("server/rendezvous/x.c", '#include "reunion/reunion.h"'),
            ("common/base/x.c", '#include "../crypto/hash.h"'),
            ("common/new/x.c", ""),
        ]
        for path, content in planted:
            self.assertEqual(len(violations(pathlib.Path(path), content)), 1, path)
        fine = [
            ("common/wire/x.c", '#include "wire/record.h"\n#include "crypto/hash.h"'),
            ("client/session/x.c", '#include "transport/transport.h"\n#include <stdlib.h>'),
        ]
        for path, content in fine:
            self.assertEqual(violations(pathlib.Path(path), content), [], path)

    def test_an_entry_that_nothing_needs_is_found(self):
        table = {"common/wire": ["base", "crypto/hash.h"]}
        files = [(pathlib.Path("common/wire/x.c"), '#include "base/err.h"\n#include "wire/y.h"')]
        self.assertEqual(unused(table, files), ["common/wire: crypto/hash.h"])

    def test_the_api_knows_no_http_library(self):
        found = [str(path) for path, content in self.sources
                 if folder_of(path) == "server/api" and "microhttpd" in content]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
