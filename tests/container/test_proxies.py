"""The samples for nginx and Caddy, each with the real program between clients and the server."""

import concurrent.futures
import subprocess
import unittest

import fronts
from harness import ClockServer
from links import leave
from needed import needs
from ours import client
from programs import PATIENCE_S
from rendezvous import Identity, feed, frames, joined, split

CAPACITY = 64
# Clients from two networks; both are this machine's, so that it can speak as them.
ONE, TWO, SOMEBODY = "192.0.2.7", "192.0.2.8", "192.0.2.9"
# What each may ask at once, and one more every second. Far fewer tries are enough to see that
# somebody has nothing left, on however slow a machine; somebody else would have all of it.
BURST, TRIES = 200, 50
WAIT_S = 60
HOUR_S = 3600  # longer than a bucket is open

SERVER = ("--listen", "127.0.0.1:5000", "--listen", f"unix:{fronts.SOCKET}", "--socket-mode",
          "0666", "--trusted-proxy", "127.0.0.1", "--rate-max", "1", "--rate-burst", str(BURST))


def setUpModule():
    needs(None, "nginx", "caddy", "openssl", "setpriv")
    global authority, server
    authority = fronts.prepare()
    for address in (ONE, TWO):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    server = unittest.enterModuleContext(ClockServer(*SERVER))


class Proxies:
    """What holds for all of them."""

    unix = False

    def setUp(self):
        self.front = self.enterContext(self.kind(authority, self.unix))
        self.api = self.front.api()
        server.advance(BURST)
        server.step_wall(-BURST)

    def test_a_rendezvous(self):
        options = ("--server", self.front.url, "--cacert", self.front.authority)
        with client("Alice", "from Alice", "jelly", 600, *options) as a, \
                client("Bob", "from Bob", "jelly", 600, *options) as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")

    def test_a_feed_that_waits_is_answered_when_somebody_comes(self):
        ada, = joined(self.api)
        cursor = feed(self.api, ada.bucket).headers["Reunion-Cursor"]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(feed, self.api, ada.bucket, cursor, WAIT_S)
            server.wait_for_waiting(1)
            bob, = joined(self.api)
            self.assertEqual(frames(answer.result(PATIENCE_S).body), [(1, bob.t1)])

    def test_the_address_of_a_client_counts(self):
        one, two = self.front.api(ONE), self.front.api(TWO)

        def is_limited(tries, headers=None):
            with one.connect() as connection:
                return any(one.request("GET", "/v1/server", headers=headers,
                                       connection=connection).status == 429 for _ in range(tries))
        self.assertTrue(is_limited(10 * BURST))
        for headers in ({"X-Forwarded-For": SOMEBODY}, {"Forwarded": f"for={SOMEBODY}"},
                        {"X-Forwarded-For": SOMEBODY, "Forwarded": f"for={SOMEBODY}"}):
            self.assertTrue(is_limited(TRIES, headers), headers)
        self.assertEqual(two.get("/v1/server").status, 200)

    def test_nothing_is_written_of_clients(self):
        """Not even when the server cannot be reached."""
        api = self.front.api(ONE)
        self.assertEqual(api.get("/v1/buckets/" + "0" * 64).status, 404)
        server.stop()
        self.assertEqual(api.get("/v1/buckets/" + "0" * 64).status, 502)
        server.start()
        self.assertEqual(api.get("/v1/server").status, 200)
        written = self.front.written()
        self.assertNotIn(ONE, written)
        self.assertNotIn("/v1/", written)

    def test_an_answer_passes_unchanged(self):
        link = self.closed_bucket()
        path = f"/v1/buckets/{link}/t1"
        direct, through = server.get(path), self.api.get(path)
        self.assertEqual(through.body, direct.body)
        for header in ("ETag", "Cache-Control", "Content-Type"):
            self.assertEqual(through.headers[header], direct.headers[header])
        self.assertIn("immutable", through.headers["Cache-Control"])
        again = self.api.get(path, **{"If-None-Match": through.headers["ETag"]})
        self.assertEqual(again.status, 304)

    def closed_bucket(self):
        """A full one's link."""
        identities = joined(server, CAPACITY + 1)
        return next(each.bucket for each in identities
                    if len(server.get(f"/v1/buckets/{each.bucket}/t1").body) // 288 == CAPACITY)


class NginxTcp(Proxies, unittest.TestCase):
    kind = fronts.Nginx

    def is_kept(self, path):
        """Whether nginx answers without the server. No header says so: it would tell strangers
        whether somebody else has read the same."""
        before = self.api.get(path)
        self.assertEqual(before.status, 200)
        self.assertNotIn("X-Cache-Status", before.headers)
        server.stop()
        without = self.api.get(path)
        server.start()
        self.assertIn(without.status, (200, 502))
        self.assertTrue(without.status == 502 or without.body == before.body)
        return without.status == 200

    def test_a_closed_bucket_is_kept(self):
        self.assertTrue(self.is_kept(f"/v1/buckets/{self.closed_bucket()}/t1"))

    def test_a_bucket_of_links_is_not(self):
        path = f"/v1/links/{leave(server)[1][0]}"
        self.assertFalse(self.is_kept(path))
        server.advance(HOUR_S)
        server.step_wall(-HOUR_S)
        self.assertFalse(self.is_kept(path))

    def test_an_open_bucket_is_not(self):
        ada, = joined(server)
        path = f"/v1/buckets/{ada.bucket}/t1"
        before = self.api.get(path).body
        bob = Identity()
        bob.join(server, ada.bucket)
        self.assertEqual(sorted(split(self.api.get(path).body, 288)),
                         sorted(split(before, 288) + [bob.t1]))
        self.assertFalse(self.is_kept(path))


class NginxUnix(NginxTcp):
    unix = True


class CaddyTcp(Proxies, unittest.TestCase):
    kind = fronts.Caddy


class CaddyUnix(CaddyTcp):
    unix = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
