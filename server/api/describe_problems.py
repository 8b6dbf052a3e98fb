"""The part of the API's description that is about problems.

Made from the table in problem.c, and from responses.json: which problems each response of the
description may have.
"""

import json
import re

PROBLEM = re.compile(r'\{"([a-z0-9-]+)",\s*(\d{3}),\s*"([^"]*)",\s*"([^"]*)"\}')
# What comes with a status, as reply.c sets it.
HEADERS = {401: {"WWW-Authenticate": "WwwAuthenticate"}, 405: {"Allow": "Allow"},
           429: {"Retry-After": "RetryAfter"}, 503: {"Retry-After": "RetryAfter"}}


def reference(kind, name):
    return {"$ref": f"#/components/{kind}/{name}"}


def problem_type(slug):
    return f"urn:reunion:problem:{slug}"


def table(source):
    """Returns: by its slug each problem of problem.c, as an answer shows it."""
    return {slug: {"type": problem_type(slug), "title": title, "status": int(status),
                   "detail": detail}
            for slug, status, title, detail in PROBLEM.findall(source)}


def response(name, told, problems):
    statuses = {problems[slug]["status"] for slug in told["problems"]}
    if len(statuses) != 1:
        raise SystemExit(f"the problems of {name} have more statuses than one")
    status, = statuses
    properties = {"type": {"enum": [problem_type(slug) for slug in told["problems"]]},
                  "status": {"const": status}, **told.get("properties", {})}
    headers = {header: reference("headers", of) for header, of in HEADERS.get(status, {}).items()}
    return {
        "description": told["description"],
        **({"headers": headers} if headers else {}),
        "content": {"application/problem+json": {
            "schema": {"allOf": [reference("schemas", "Problem"), {"properties": properties}]},
            "examples": {slug: reference("examples", slug) for slug in told["problems"]},
        }},
    }


def described(problem_source, responses):
    """Returns: a part of an OpenAPI document."""
    problems = table(problem_source)
    return {"components": {
        "responses": {name: response(name, told, problems)
                      for name, told in json.loads(responses).items()},
        "examples": {slug: {"value": value} for slug, value in problems.items()},
    }}
