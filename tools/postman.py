"""Postman collections of the families, generated from their OpenAPI documents (format 2.1).

The requests contain the document's examples of an endpoint's parameters; filters are included but
disabled. The variables are those of the real products' collections, where they exist. Requests that
delete something come last, so that a collection can be run from top to bottom.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.cloud import ROOT

Document = dict[str, Any]

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


@dataclass(frozen=True)
class Collection:
    """The requests to one part of an API.

    `below` is the prefix of their paths; BASE_URL ends in it. `headers` and `query` are sent with
    every request.
    `variables` are the other variables with their initial values. `given` maps parameters to
    variables: a parameter of the query string or a field of a body by its name, a part of the path
    by the part before it and its name (`users/id`); a field of a body with the name of such a part
    has the same value. `chosen` are the parameters to send where one of several is required.
    """

    name: str
    api: str
    below: str
    description: str
    headers: Mapping[str, str]
    variables: Mapping[str, str]
    given: Mapping[str, Any]
    chosen: frozenset[str] = frozenset()
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The path of the collection, under the name that its users know."""
        return ROOT / "docs" / f"{self.name}.postman_collection.json"


COLLECTIONS = (
    Collection(
        name="osTicket REST API",
        api="OsticketApi",
        below="/api/v1",
        description="The community's v1. Everything else: import /docs/openapi.json.",
        headers={"X-API-Key": "{{API_KEY}}"},
        variables={"API_KEY": "", "TICKET_ID": "1"},
        given={"id": "{{TICKET_ID}}"},
    ),
    Collection(
        name="Zammad REST API",
        api="ZammadApi",
        below="/api/v1",
        description="Zammad's API: set API_KEY, and the ids of what there is in your desk.",
        headers={"Authorization": "Token token={{API_KEY}}"},
        variables={
            "API_KEY": "",
            "TICKET_ID": "1",
            "TICKET_NUMBER": "",
            "OTHER_TICKET_ID": "2",
            **{f"{name}_ID": "1" for name in ("ARTICLE", "MAIL", "ATTACHMENT", "USER")},
            **{f"{name}_ID": "1" for name in ("ORGANIZATION", "GROUP", "STATE", "PRIORITY")},
            **{f"{name}_ID": "1" for name in ("TAG", "MENTION", "ACCOUNTING")},
        },
        given={
            **{
                f"{part}/id": "{{TICKET_ID}}" for part in ("tickets", "by_ticket", "ticket_history")
            },
            "ticket_attachment/ticket": "{{TICKET_ID}}",
            "ticket_attachment/article": "{{ARTICLE_ID}}",
            "ticket_attachment/id": "{{ATTACHMENT_ID}}",
            "ticket_articles/id": "{{ARTICLE_ID}}",
            "ticket_article_plain/id": "{{MAIL_ID}}",
            "time_accountings/accounting": "{{ACCOUNTING_ID}}",
            "ticket_merge/source": "{{OTHER_TICKET_ID}}",
            "ticket_merge/target": "{{TICKET_NUMBER}}",
            "users/id": "{{USER_ID}}",
            "image/hash": "0",
            "search/objects": "Ticket-User-Organization",
            "organizations/id": "{{ORGANIZATION_ID}}",
            "groups/id": "{{GROUP_ID}}",
            "ticket_states/id": "{{STATE_ID}}",
            "ticket_priorities/id": "{{PRIORITY_ID}}",
            "roles/id": "2",
            "tag_list/id": "{{TAG_ID}}",
            "mentions/id": "{{MENTION_ID}}",
            **dict.fromkeys(
                ("ticket_id", "o_id", "mentionable_id", "link_object_value"), "{{TICKET_ID}}"
            ),
            "link_object_source_value": "{{TICKET_ID}}",
            "link_object_target_value": "{{OTHER_TICKET_ID}}",
        },
        chosen=frozenset({"link_object_source_value"}),
    ),
    Collection(
        name="Notific REST API",
        api="NotificApi",
        below="/api",
        description="Notific's API: set API_KEY, and the ids of what there is in your desk.",
        headers={},
        query={"key": "{{API_KEY}}"},
        variables={
            "API_KEY": "",
            **{f"{name}_ID": "1" for name in ("TICKET", "CUSTOMER", "SERVICE", "OPERATOR")},
        },
        given={
            "Tickets/id": "{{TICKET_ID}}",
            "Customers/id": "{{CUSTOMER_ID}}",
            "Services/id": "{{SERVICE_ID}}",
            "Operators/id": "{{OPERATOR_ID}}",
            "Services": ["{{SERVICE_ID}}"],
        },
    ),
)


def text(collection: Collection, document: Document) -> str:
    """A collection as the text of its file."""
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
            {"key": key, "value": value} for key, value in {**base, **collection.variables}.items()
        ],
        "item": [_item(collection, *call) for call in _calls(collection, document)],
    }


def _calls(collection: Collection, document: Document) -> list[tuple[str, str, Document]]:
    """Path, method and operation of every call that needs a key and can succeed."""
    # Of paths that differ only in case, the first is enough.
    once = {path.lower(): path for path in reversed(document["paths"])}
    found = [
        (path, verb, operation)
        for path, methods in document["paths"].items()
        if path.startswith(f"{collection.below}/") and path in once.values()
        for verb, operation in methods.items()
        if operation.get("security") != []
        if any(status.startswith("2") for status in operation["responses"])
    ]
    # In reverse order: entities described first are deleted last.
    gone = {
        operation["summary"]: (path, verb, operation)
        for path, verb, operation in reversed(found)
        if verb == "delete"
    }
    # An operation with two paths is called once, by the first of them.
    return [*(call for call in found if call[1] != "delete"), *gone.values()]


def _item(collection: Collection, path: str, verb: str, operation: Document) -> Document:
    headers = dict(collection.headers)
    body: Document = {}
    way = _way(collection, path.removeprefix(collection.below))
    if "requestBody" in operation:
        # Of several formats the first is enough.
        kind, content = next(iter(operation["requestBody"]["content"].items()))
        headers["Content-Type"] = kind
        parts = dict(zip(path.removeprefix(collection.below).split("/"), way, strict=True))
        given = {
            name: parts.get(f"{{{name.lower()}}}", collection.given.get(name, value))
            for name, value in content["example"].items()
        }
        raw = json.dumps(given, indent=2, ensure_ascii=False)
        body = {"body": {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}}
    query = list(_query(collection, operation))
    shown = "&".join(f"{one['key']}={one['value']}" for one in query if "disabled" not in one)
    address = "{{BASE_URL}}" + "/".join(way)
    return {
        "name": f"{operation['summary']} ({verb.upper()})",
        "request": {
            "method": verb.upper(),
            "description": operation["description"],
            "header": [{"key": key, "value": value} for key, value in headers.items()],
            "url": {
                "raw": f"{address}?{shown}" if shown else address,
                "host": ["{{BASE_URL}}"],
                "path": [part for part in way if part],
                **({"query": query} if query else {}),
            },
            **body,
        },
        "response": [],
    }


def _way(collection: Collection, path: str) -> list[str]:
    """The parts of a path with variables in place of its parameters."""
    parts, literal = [], ""
    for part in path.split("/"):
        if name := re.fullmatch(r"\{(\w+)\}", part):
            parts.append(collection.given[f"{literal}/{name[1]}"])
        else:
            literal = part
            parts.append(part)
    return parts


def _query(collection: Collection, operation: Document) -> Iterator[Document]:
    yield from ({"key": name, "value": value} for name, value in collection.query.items())
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            schema, name = parameter["schema"], parameter["name"]
            value = schema.get("default", (schema.get("examples") or schema.get("enum") or [""])[0])
            switch = schema["type"] == "boolean"
            yield {
                "key": name,
                "value": "true" if switch else collection.given.get(name, str(value)),
                **({"description": parameter["description"]} if "description" in parameter else {}),
                **({} if name in collection.chosen or _is_on(parameter) else {"disabled": True}),
            }


def _is_on(parameter: Document) -> bool:
    schema = parameter["schema"]
    return bool(parameter["required"] or ("default" in schema and schema["type"] != "boolean"))
