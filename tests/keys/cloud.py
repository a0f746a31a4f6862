"""The admin API and its gate in this process: authorizer, then handler, as API Gateway would."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from helpdesk import catalogue, gate, keys, stock
from helpdesk.model import Settings
from helpdesk.storage import aws, table

FUNCTIONS = Path(__file__).parents[2] / "functions"
REGION = "eu-central-1"
HOME = "203.0.113.9"
ROUTES = {
    ("GET", "/api/admin/keys"): "list_keys",
    ("POST", "/api/admin/keys"): "create_key",
    ("GET", "/api/admin/keys/{id}"): "get_key",
    ("PATCH", "/api/admin/keys/{id}"): "update_key",
    ("DELETE", "/api/admin/keys/{id}"): "delete_key",
    ("POST", "/api/admin/keys/{id}/rotate"): "rotate_key",
    ("GET", "/api/admin/settings"): "get_settings",
    ("PATCH", "/api/admin/settings"): "update_settings",
    ("GET", "/api/admin/{kind}"): "list_rows",
    ("POST", "/api/admin/{kind}"): "create_row",
    ("GET", "/api/admin/{kind}/{id}"): "get_row",
    ("PATCH", "/api/admin/{kind}/{id}"): "update_row",
    ("DELETE", "/api/admin/{kind}/{id}"): "delete_row",
}
PATTERNS = (
    "/api/admin/keys",
    "/api/admin/keys/{id}",
    "/api/admin/keys/{id}/rotate",
    "/api/admin/settings",
    "/api/admin/{kind}",
    "/api/admin/{kind}/{id}",
)


@cache
def function(path: str) -> Any:
    """The module of a function's folder, such as `authorizer/authorize`."""
    spec = importlib.util.spec_from_file_location(
        path.replace("/", "_"), FUNCTIONS / path / "app.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def field(self) -> str | None:
        named: str | None = self.body["error"]["field"]
        return named


def route(path: str) -> tuple[str, dict[str, str]]:
    parts = path.strip("/").split("/")
    for pattern in PATTERNS:
        wanted = pattern.strip("/").split("/")
        pairs = list(zip(wanted, parts, strict=False))
        if len(parts) == len(wanted) and all(w == p or w.startswith("{") for w, p in pairs):
            return pattern, {w.strip("{}"): p for w, p in pairs if w.startswith("{")}
    return "/{proxy+}", {"proxy": "/".join(parts)}


def verdict(
    secret: str | None, *, source: str = HOME, sources: str = "", **event: Any
) -> dict[str, Any]:
    """What the authorizer says of a secret in the X-API-Key header (or of what `event` holds)."""
    asked = {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-central-1:123456789012:abc123/v1/GET/api/admin/keys",
        "headers": {"X-Api-Key": secret} if secret is not None else {},
        "queryStringParameters": None,
        "stageVariables": {"KeySources": sources} if sources else None,
        "requestContext": {"identity": {"sourceIp": source}, "stage": "v1"},
    } | event
    answer: dict[str, Any] = function("authorizer/authorize").handler(asked, None)
    return answer


def allowed(answer: dict[str, Any]) -> bool:
    (statement,) = answer["policyDocument"]["Statement"]
    return bool(statement["Effect"] == "Allow")


@dataclass
class Cloud:
    """A desk with its stock catalogue and one key that may do everything."""

    admin: str

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        source: str = HOME,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        raw: str | None = None,
    ) -> Answer:
        """One request through the gate. What the gate denies is 401, as in the template."""
        said = verdict(key or self.admin, source=source)
        if not allowed(said):
            return Answer(401, {"error": {"code": "unauthorized", "message": "", "field": None}})
        resource, params = route(path)
        name = ROUTES.get((method, resource), "refuse")
        event = {
            "httpMethod": method,
            "resource": resource,
            "path": path,
            "headers": {"Content-Type": "application/json", **(headers or {})},
            "queryStringParameters": query,
            "pathParameters": params or None,
            "body": raw if raw is not None else (None if body is None else json.dumps(body)),
            "isBase64Encoded": False,
            "requestContext": {
                "requestId": "r",
                "path": "/v1" + path,
                "domainName": "desk.example",
                "identity": {"sourceIp": source},
                "authorizer": said["context"] | {"principalId": said["principalId"]},
            },
        }
        answer = function(f"admin/{name}").handler(json.loads(json.dumps(event)), None)
        return Answer(answer["statusCode"], json.loads(answer["body"]), answer["headers"])

    def key(self, **facts: Any) -> dict[str, Any]:
        """A new key, whole, with its secret under `key`."""
        answer = self.call("POST", "/api/admin/keys", {"name": "a key", **facts})
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.body
        return made

    def person(self, number: int = 500) -> int:
        table.write(
            table.put_new(
                table.person_key(number),
                {"id": number, "name": "Jane", "email": f"jane{number}@example.com"},
            )
        )
        return number


def items() -> list[dict[str, Any]]:
    """Everything that is stored, of both tables; from moto itself, which is ten times as fast."""
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values()
    return [item.to_json()["Attributes"] for one in tables for item in one.all_items()]


def written() -> list[dict[str, Any]]:
    """What is stored and matters: without the ids that a refused request may have used up."""
    return sorted((item for item in items() if item["pk"]["S"] != "SEQ"), key=str)


@contextmanager
def cloud(patch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "DESK_TABLE": "desk-table",
        "INDEX_TABLE": "index-table",
        "FILES_BUCKET": "files",
        "POWERTOOLS_SERVICE_NAME": "deskless",
    }.items():
        patch.setenv(name, value)
    with mock_aws():
        client = aws.dynamodb()
        _table(client, "desk-table", table.INDEXES)
        _table(client, "index-table", {})
        rows = [
            table.put(table.catalogue_key(kind, row.id), catalogue.as_item(row))
            for kind, stored in stock.ROWS.items()
            for row in stored
        ]
        table.write_many([*rows, table.put(table.CATALOGUE_VERSION, {"n": 1})])
        # Just what is stored; reading it through moto takes longer than most tests.
        known: dict[str, Any] = {kind: {} for kind in catalogue.KINDS} | {
            kind: {row.id: row for row in stored} for kind, stored in stock.ROWS.items()
        }
        patch.setattr(catalogue, "_kept", catalogue.Catalogue(1, Settings(), **known))
        keys.first_admin_key("the-first-admin-secret")
        # Its first use is written down now, so that tests see only what they do themselves.
        gate.admit("the-first-admin-secret", HOME)
        yield Cloud("the-first-admin-secret")


def _table(client: Any, name: str, indexes: dict[str, tuple[str, str]]) -> None:
    names = {"pk", "sk"} | {part for pair in indexes.values() for part in pair}
    schemas = {
        index: [
            {"AttributeName": hashed, "KeyType": "HASH"},
            {"AttributeName": ranged, "KeyType": "RANGE"},
        ]
        for index, (hashed, ranged) in {"": ("pk", "sk"), **indexes}.items()
    }
    wanted: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": part, "AttributeType": "S"} for part in sorted(names)
        ],
        "KeySchema": schemas.pop(""),
    }
    if schemas:
        wanted["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": schema, "Projection": _projection(index)}
            for index, schema in schemas.items()
        ]
    client.create_table(**wanted)


def _projection(index: str) -> dict[str, Any]:
    # As in the template: these five show the cell as well.
    if "g04" <= index <= "g08":
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["p1"]}
    return {"ProjectionType": "KEYS_ONLY"}
