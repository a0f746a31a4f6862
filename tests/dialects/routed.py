"""One request in this process: the route that the template has for it, then its function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from local.aws.clients import Clients
from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.gateway.routes import Api, read_apis
from tests.gateway import call


@cache
def api(name: str) -> tuple[Api, Mapping[str, str]]:
    """An API as the template has it, and the folder of each of its functions."""
    template = Template(ROOT / "template.yaml", PARAMETERS, STACK)
    apis = read_apis(template, Resources(template, Clients(), "a key"))
    found = next(one for one in apis if one.name == name)
    folders = {
        name: "/".join(function.folder.parts[-2:]) for name, function in template.functions.items()
    }
    return found, folders


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str:
        return str(self.json["error"])


def prepared(
    name: str,
    said: Mapping[str, Any],
    method: str,
    path: str,
    *,
    query: Mapping[str, str | list[str]],
    headers: Mapping[str, str] | None,
    raw: bytes,
) -> Callable[[], Answer]:
    """One request to an API that the authorizer, with these words, has let through already; calling
    it calls its function and nothing else.
    """
    found, folders = api(name)
    matched = found.match(path)
    assert matched, path
    route, params = matched
    handler = route.method(method)
    assert handler, (method, path)
    assert isinstance(handler.integration, str)
    folder = folders[handler.integration]

    def ask() -> Answer:
        answer = call(
            folder,
            method,
            path,
            said,
            resource=route.resource,
            params=params or None,
            query=query,
            headers=headers,
            body=raw,
        )
        return Answer(answer["statusCode"], answer["body"], answer["headers"])

    return ask
