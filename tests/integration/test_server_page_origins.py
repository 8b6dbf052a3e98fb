"""Pages of other origins: those that are listed may ask and post, and read what is answered."""

import os
import unittest

from harness import Server

LISTED = "https://page.example"
OTHERS = ("https://evil.example", "https://page.example.evil", "https://page.example:8443",
          "HTTPS://page.example", "null", "")
OCTETS = {"Content-Type": "application/octet-stream"}


def asking(origin, method="POST"):
    return {"Origin": origin, "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type, reunion-stamp"}


class PageOrigins(unittest.TestCase):
    def test_a_listed_page_may_ask_before_it_posts(self):
        with Server("--page-origin", LISTED) as server:
            for path in ("/v1/t1", "/v1/links", "/v1/buckets/" + 64 * "0" + "/t2"):
                answer = server.request("OPTIONS", path, headers=asking(LISTED))
                self.assertEqual((answer.status, answer.body), (204, b""))
                self.assertEqual(answer.headers["Access-Control-Allow-Origin"], LISTED)
                self.assertIn("POST", answer.headers["Access-Control-Allow-Methods"])
                for header in ("Authorization", "Content-Type", "Reunion-Stamp"):
                    self.assertIn(header, answer.headers["Access-Control-Allow-Headers"])
                self.assertNotIn("Access-Control-Allow-Credentials", answer.headers)

    def test_others_may_not(self):
        with Server("--page-origin", LISTED) as server:
            for origin in OTHERS:
                for answer in (server.request("OPTIONS", "/v1/t1", headers=asking(origin)),
                               server.get("/v1/server", Origin=origin)):
                    self.assertNotIn("Access-Control-Allow-Origin", answer.headers, origin)
                self.assertEqual(server.request("OPTIONS", "/v1/t1",
                                                headers=asking(origin)).status, 405)
        with Server() as server:
            answer = server.request("OPTIONS", "/v1/t1", headers=asking("null"))
            self.assertEqual(answer.status, 405)

    def test_a_listed_page_reads_answers_and_their_headers(self):
        with Server("--page-origin", LISTED) as server:
            posted = server.request("POST", "/v1/t1", os.urandom(288), {
                **OCTETS, "Authorization": "Bearer " + 64 * "a", "Origin": LISTED,
                "Sec-Fetch-Site": "cross-site"})
            self.assertEqual(posted.status, 201)
            path = f"/v1/buckets/{posted.json()['link']}/feed?wait=0"
            for answer in (posted, server.get(path, Origin=LISTED),
                           server.get("/v1/nothing", Origin=LISTED)):
                self.assertEqual(answer.headers["Access-Control-Allow-Origin"], LISTED)
                self.assertEqual(answer.headers["Vary"], "Origin")
                self.assertIn("Reunion-Cursor", answer.headers["Access-Control-Expose-Headers"])
            self.assertEqual(server.get(path).headers["Vary"], "Origin")

    def test_pages_that_are_files(self):
        with Server("--page-origin", "null") as server:
            answer = server.request("OPTIONS", "/v1/t1", headers=asking("null"))
            self.assertEqual(answer.status, 204)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "null")
            posted = server.request("POST", "/v1/t1", os.urandom(288), {
                **OCTETS, "Authorization": "Bearer " + 64 * "a", "Origin": "null",
                "Sec-Fetch-Site": "cross-site"})
            self.assertEqual(posted.status, 201)


if __name__ == "__main__":
    unittest.main(verbosity=2)
