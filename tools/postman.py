"""Postman collections of the families, made of their OpenAPI documents (format 2.1).

What an endpoint takes is in the requests as the document's examples; a filter is there and switched
off. The variables are those that the collections of the real products have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.cloud import ROOT

Document = dict[str, Any]

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


@dataclass(frozen=True)
class Collection:
    """The requests to a part of an API.

    `below` is where their paths begin; BASE_URL ends in it. `variables` are the others with their
    first values, `given` which of them stand for a parameter.
    """

    name: str
    api: str
    below: str
    description: str
    variables: dict[str, str]
    given: dict[str, str]

    @property
    def file(self) -> Path:
        """Where the collection stands, under the name that its users know."""
        return ROOT / "docs" / f"{self.name}.postman_collection.json"


COLLECTIONS = (
    Collection(
        name="osTicket REST API",
        api="OsticketApi",
        below="/api/v1",
        description="The community's v1. Everything else: import /docs/openapi.json.",
        variables={"API_KEY": "", "TICKET_ID": "1"},
        given={"id": "{{TICKET_ID}}", "X-API-Key": "{{API_KEY}}"},
    ),
)


def text(collection: Collection, document: Document) -> str:
    """A collection as its file has it."""
    return json.dumps(_collection(collection, document), indent=2, ensure_ascii=False) + "\n"


def _collection(collection: Collection, document: Document) -> Document:
    base = {"BASE_URL": f"http://localhost:8080{collection.below}"}
    return {
        "info": {
            "name": collection.name,
            "description": collection.description,
            "schema": SCHEMA,
        },
        "variable": [
            {"key": key, "value": value} for key, value in (base | collection.variables).items()
        ],
        "item": [
            _item(collection, path, verb, operation)
            for path, methods in document["paths"].items()
            if path.startswith(f"{collection.below}/")
            for verb, operation in methods.items()
        ],
    }


def _item(collection: Collection, path: str, verb: str, operation: Document) -> Document:
    headers = {"X-API-Key": collection.given["X-API-Key"]}
    body: Document = {}
    if "requestBody" in operation:
        ((kind, content),) = operation["requestBody"]["content"].items()
        headers["Content-Type"] = kind
        raw = json.dumps(content["example"], indent=2, ensure_ascii=False)
        body = {"body": {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}}
    query = list(_query(collection, operation))
    shown = "&".join(f"{one['key']}={one['value']}" for one in query if "disabled" not in one)
    address = "{{BASE_URL}}" + path.removeprefix(collection.below)
    return {
        "name": f"{operation['summary']} ({verb.upper()})",
        "request": {
            "method": verb.upper(),
            "description": operation["description"],
            "header": [{"key": key, "value": value} for key, value in headers.items()],
            "url": {
                "raw": f"{address}?{shown}" if shown else address,
                "host": ["{{BASE_URL}}"],
                "path": path.removeprefix(collection.below).strip("/").split("/"),
                **({"query": query} if query else {}),
            },
            **body,
        },
        "response": [],
    }


def _query(collection: Collection, operation: Document) -> Iterator[Document]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            schema, name = parameter["schema"], parameter["name"]
            value = schema.get("default", schema.get("examples", [""])[0])
            yield {
                "key": name,
                "value": collection.given.get(name, str(value)),
                **({"description": parameter["description"]} if "description" in parameter else {}),
                **({} if parameter["required"] or "default" in schema else {"disabled": True}),
            }
