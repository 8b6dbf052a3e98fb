"""The API's description against what the server has: routes, problems, limits."""

import importlib.util
import json
import os
import pathlib
import re
import unittest

from harness import Server

SOURCE = pathlib.Path(os.environ.get("REUNION_SOURCE", pathlib.Path(__file__).parents[2]))
API = SOURCE / "server" / "api"
ROUTE = re.compile(r'\.method = METHOD_(\w+),\s*\.path = "([^"]+)"')
PROBLEM = re.compile(r'\{"([a-z0-9-]+)",\s*(\d{3}),\s*"([^"]*)",\s*"([^"]*)"\}')


def document():
    """As embed.py puts it together."""
    spec = importlib.util.spec_from_file_location("embed", API / "embed.py")
    embed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(embed)
    return embed.document(sorted((API / "openapi").glob("*.json")))


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
                  ROUTE.findall((API / "route_table.c").read_text())}
        self.assertGreater(len(routes), 15)
        described = {(method, re.sub(r"\{\w+\}", "{}", path))
                     for path, item in self.document["paths"].items() for method in item}
        self.assertEqual(described, routes)

    def test_every_problem_is_described_and_no_other(self):
        problems = {slug: {"type": f"urn:reunion:problem:{slug}", "title": title,
                           "status": int(status), "detail": detail}
                    for slug, status, title, detail in
                    PROBLEM.findall((API / "problem.c").read_text())}
        self.assertGreater(len(problems), 15)
        examples = {slug: example["value"]
                    for slug, example in self.document["components"]["examples"].items()}
        self.assertEqual(examples, problems)
        allowed = {name for each in objects(self.document["components"]["responses"])
                   for name in each.get("enum", [])}
        self.assertEqual(allowed, {f"urn:reunion:problem:{slug}" for slug in problems})

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
        del expected["paths"]["/metrics"]
        self.assertEqual(json.loads(answer.body), expected)

    def test_the_document_s_own_limits_are_the_defaults(self):
        with Server("--metrics-listen=main") as server:
            expected = document()
            expected["info"]["version"] = server.get("/v1/server").json()["version"]
            self.assertEqual(server.get("/v1/openapi.json").json(), expected)


if __name__ == "__main__":
    unittest.main(verbosity=2)
