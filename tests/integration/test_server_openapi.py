"""The API's description against what the server has: routes, problems, limits."""

import json
import os
import pathlib
import re
import sys
import unittest

from harness import Server

SOURCE = pathlib.Path(os.environ.get("REUNION_SOURCE", pathlib.Path(__file__).parents[2]))
API = SOURCE / "server" / "api"
sys.path.insert(0, str(API))
import describe_problems  # noqa: E402
import embed  # noqa: E402

ROUTE = re.compile(r'\.method = METHOD_(\w+),\s*\.path = "([^"]+)"')


def document():
    """As embed.py puts it together."""
    return embed.document(API / "problem.c", API / "responses.json",
                          *(API / "openapi").glob("*.json"))


def objects(value):
    """All objects in a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else \
            value if isinstance(value, list) else ():
        yield from objects(inner)


class Document(unittest.TestCase):
    def setUp(self):
        self.document = document()

    def test_every_route_is_described_and_no_other(self):
        routes = {(method.lower(), path) for method, path in
                  ROUTE.findall((API / "route_table.c").read_text())
                  if not path.startswith("/page/")}  # files of the page, and no API
        self.assertGreater(len(routes), 15)
        described = {(method, re.sub(r"\{\w+\}", "{}", path))
                     for path, item in self.document["paths"].items() for method in item}
        self.assertEqual(described, routes)

    def test_every_problem_is_described_and_no_other(self):
        source = (API / "problem.c").read_text()
        problems = describe_problems.table(source)
        # All that the table has, however its lines are laid out.
        self.assertEqual(len(problems), len(re.findall(r"^ *\[PROBLEM_", source, re.MULTILINE)))
        responses = self.document["components"]["responses"]
        allowed = {name for each in objects(responses) for name in each.get("enum", [])}
        self.assertEqual(allowed, {each["type"] for each in problems.values()})

    def test_every_reference_leads_somewhere(self):
        used = set()
        for each in objects(self.document):
            if "$ref" in each:
                used.add(each["$ref"])
                at = self.document
                for key in each["$ref"].removeprefix("#/").split("/"):
                    self.assertIn(key, at, each["$ref"])
                    at = at[key]
        components = {f"#/components/{kind}/{name}"
                      for kind, named in self.document["components"].items() for name in named
                      if kind != "securitySchemes"}
        # Two are answers of no operation.
        self.assertEqual(components - used, {"#/components/responses/NotFound",
                                             "#/components/responses/MethodNotAllowed"})


def without_mailboxes(paths):
    return {path: item for path, item in paths.items()
            if not path.startswith(("/v1/mailboxes", "/v1/deliveries"))}


class Served(unittest.TestCase):
    def test_the_limits_are_those_in_force(self):
        with Server("--wait-max=7", "--records-per-post-max=5",
                    "--reference-body-max=1M") as server:
            answer = server.get("/v1/openapi.json")
            self.assertEqual(answer.headers["Content-Type"], "application/json")
            version = server.get("/v1/server").json()["version"]
        expected = document()
        expected["info"]["version"] = version
        expected["components"]["parameters"]["wait"]["schema"]["maximum"] = 7
        expected["components"]["schemas"]["RecordsToPost"]["maxLength"] = 5 * 96
        expected["components"]["schemas"]["ReferenceRecords"]["maxLength"] = 1 << 20
        expected["paths"] = without_mailboxes(expected["paths"])
        del expected["paths"]["/metrics"]
        self.assertEqual(json.loads(answer.body), expected)

    def test_the_document_s_own_limits_are_the_defaults(self):
        with Server("--metrics-listen=main", "--mailboxes=1") as server:
            expected = document()
            expected["info"]["version"] = server.get("/v1/server").json()["version"]
            self.assertEqual(server.get("/v1/openapi.json").json(), expected)


if __name__ == "__main__":
    unittest.main(verbosity=2)
