"""A server of this build that answers packets of the box transport, too."""

import box_packet_peer
import box_peer
from harness import ClockServer, Server
from programs import PATIENCE_S


def address_of(server):
    """Where a running server that was started with --box-packets receives, and its public key."""
    address, key = server.box("box-packets")
    return address, box_peer.key_of_text(key)


def peer_of(server, own=None, timeout_s=PATIENCE_S, source=None):
    return box_packet_peer.Peer(*address_of(server), own, timeout_s, source)


def server(*flags, kind=Server, **named):
    return kind("--box-packets", "127.0.0.1:0", *flags, **named)


def clock_server(*flags, **named):
    return server(*flags, kind=ClockServer, **named)
