"""The box transport of the server, seen by an independent client."""

import unittest

import box_server
import rendezvous


class Api(unittest.TestCase):
    """The same API as without the box."""

    def setUp(self):
        self.server = self.enterContext(box_server.server())
        self.box = box_server.box_of(self.server)

    def test_answers_are_those_of_http(self):
        for path in ("/v1/server", "/v1/openapi.json", "/v1/buckets", "/healthz", "/nothing"):
            plain, boxed = self.server.get(path), self.box.get(path)
            self.assertEqual((plain.status, len(plain.body)), (boxed.status, len(boxed.body)), path)
            self.assertEqual(plain.headers["Content-Type"], boxed.headers["Content-Type"], path)
        self.assertEqual(self.server.get("/v1/openapi.json").body,
                         self.box.get("/v1/openapi.json").body)

    def test_two_meet_one_over_the_box(self):
        boxed, plain = rendezvous.Identity(), rendezvous.Identity()
        self.assertEqual(boxed.join(self.box).status, 201)
        self.assertEqual(plain.join(self.server, link=boxed.bucket).status, 201)
        sent = boxed.record(plain)
        self.assertEqual(boxed.send(self.box, 2, boxed.bucket, sent).status, 200)
        for api in (self.server, self.box):
            frames = rendezvous.frames(rendezvous.feed(api, boxed.bucket).body)
            self.assertEqual(sorted(frames), sorted(
                [(1, boxed.t1), (1, plain.t1), (2, sent)]))

    def test_a_stream_carries_many_requests_and_ends_in_order(self):
        with self.box.connect() as connection:
            for _ in range(50):
                answer = self.box.request("GET", "/v1/server", connection=connection)
                self.assertEqual(answer.status, 200)
            stream = connection.sock
            stream.send_end()
            self.assertEqual(stream.receive_frame(), b"")
            self.assertEqual(stream.socket.recv(1), b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
