"""What tests of reunion-group in whole programs begin with: our server, and mailboxes of an
independent one behind it."""

import pathlib
import tempfile
import unittest

from group_program import GroupCase, Person
from harness import Server
from needed import lacks

try:
    import box_packet_server
    import box_peer
    from group_mailboxes import MailboxRelay
    LACKING = None
except ModuleNotFoundError as error:
    LACKING = f"{error} (Debian's package python3-nacl)"


def need_nacl():
    if LACKING:
        lacks(None, LACKING)


class RelayCase(GroupCase, unittest.TestCase):
    """One server, one relay and one folder for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.server = cls.enterClassContext(Server())
        cls.relay = cls.enterClassContext(MailboxRelay((cls.server.host, cls.server.port)))
        cls.url = cls.relay.url

    @classmethod
    def person(cls, name):
        return Person(name, cls.folder, cls.url)


class OwnServerCase(GroupCase, unittest.TestCase):
    """The same with mailboxes of our own server, and no relay."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.server = cls.enterClassContext(
            box_packet_server.server("--mailboxes", "1000", "--rate-mailbox-max", "0"))
        (host, port), key = box_packet_server.address_of(cls.server)
        cls.url = f"box+udp://{host}:{port}#{box_peer.key_text(key)}"

    @classmethod
    def person(cls, name):
        return Person(name, cls.folder, cls.url)
