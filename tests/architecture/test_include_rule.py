"""Who may include whom. The table is the architecture; everything below it only reads it."""

import re
import unittest

import tree

# Folder: what its files may include besides their own folder's headers. An entry is a folder, or
# one header. Names are as in the include directives, relative to the root of their component
# (common/, server/, client/), so they are unique across the tree.
MAY_INCLUDE = {
    "common/base": [],
    "common/crypto": ["base"],
    "common/ctidh": ["base", "crypto"],
    "common/admission": ["base", "crypto/argon2id.h"],
    "common/reunion": ["base", "crypto", "ctidh"],
    "common/wire": ["base", "crypto/hash.h"],
    "common/box": ["base", "crypto"],
    "common/link": ["base", "crypto"],
    "common/mix": ["base", "crypto"],
    "common/group": ["base", "crypto"],
    # An example is somebody else's program: it sees the installed <reunion.h> alone.
    "common/example": [],

    # A bucket's id and a record's kind are what they are on the network: two headers, no formats.
    "server/bucket": ["base", "admission/price.h", "admission/stamp.h", "crypto/hash.h",
                      "wire/bucket_id.h", "wire/record.h"],
    "server/store": ["base", "bucket/entry.h"],
    "server/service": ["base", "admission", "crypto/hash.h", "bucket", "store"],
    "server/http": ["base", "wire", "service"],
    "server/app": ["base", "crypto/hash.h", "wire", "bucket", "store", "service", "http"],
    "server": ["base", "app"],

    "client/meet": ["base", "admission", "reunion"],
    "client/lan": ["base", "reunion", "meet/backoff.h", "meet/kept_form.h", "meet/tally.h"],
    "client/net": ["base", "admission/stamp.h", "wire", "meet/transport.h"],
    "client/state": ["base"],
    "client/cli": ["base", "reunion", "meet", "net"],
    "client/rendezvous": ["base", "wire", "reunion", "meet", "net", "state", "cli"],
    "client/ethernet": ["base", "cli", "lan", "meet", "rendezvous"],
    "client/links": ["base", "admission", "crypto/hash.h", "link", "wire", "meet", "net", "cli"],
    "client": ["base", "cli", "ethernet", "links", "rendezvous"],
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def folder_of(path):
    """The table's key for a file: at most two levels deep."""
    return "/".join(path.parts[:-1][:2])


def own_name(folder):
    """How other files name a folder in their include directives."""
    return folder.split("/")[-1]


def violations(path, content):
    """What a source file includes against the table."""
    folder = folder_of(path)
    if folder not in MAY_INCLUDE:
        return [f"{path}: the folder {folder} is not in the table of the include rule"]
    allowed = MAY_INCLUDE[folder]
    found = []
    for header in INCLUDE.findall(content):
        place = header.rpartition("/")[0].split("/")[0]
        ours = place == own_name(folder) if "/" in folder else place == ""
        if not ours and place not in allowed and header not in allowed:
            found.append(f"{path} includes {header}")
    return found


def reads_sources(path):
    return path.parts[0] in ("common", "server", "client")


class IncludeRule(unittest.TestCase):
    def test_sources_follow_the_table(self):
        sources = [path for path in tree.files(".c", ".h") if reads_sources(path)]
        self.assertTrue(sources)
        found = [each for path in sources for each in violations(path, tree.text(path))]
        self.assertEqual(found, [])

    def test_the_table_has_no_cycle(self):
        """Layers that may include each other, however indirectly, are one layer."""
        names = {own_name(folder): entries for folder, entries in MAY_INCLUDE.items()}

        def reaches(start, goal, seen):
            for entry in names.get(start, []):
                entry = entry.split("/")[0]
                if entry == goal or (entry not in seen and
                                     reaches(entry, goal, seen | {entry})):
                    return True
            return False
        # net implements meet's transport.h and nothing in meet knows net.
        self.assertEqual([name for name in names if reaches(name, name, {name})], [])

    def test_violations_are_found(self):
        from pathlib import Path
        planted = [
            ("common/base/x.c", '#include "crypto/hash.h"'),
            ("common/wire/x.h", '#include "crypto/aead.h"'),
            ("server/bucket/x.c", '  #  include "store/store.h"'),
            ("server/store/x.c", '#include "bucket/table.h"'),
            ("server/http/x.c", '#include "bucket/bucket.h"'),
            ("client/net/x.c", '#include "meet/meet.h"'),
            ("client/meet/x.c", '#include "net/http.h"'),
            ("server/app/x.c", '#include "reunion/reunion.h"'),
            ("common/base/x.c", '#include "../crypto/hash.h"'),
            ("common/new/x.c", ""),
        ]
        for path, content in planted:
            self.assertEqual(len(violations(Path(path), content)), 1, path)
        fine = [
            ("common/wire/x.c", '#include "wire/record.h"\n#include "crypto/hash.h"'),
            ("client/net/x.c", '#include "meet/transport.h"\n#include <curl/curl.h>'),
        ]
        for path, content in fine:
            self.assertEqual(violations(Path(path), content), [], path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
