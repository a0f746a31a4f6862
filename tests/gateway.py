"""The path of a request through API Gateway: the authorizer, then the function.

Also contains the desk as its admin sees it.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from helpdesk.storage import transact
from helpdesk.storage.keys import person_key
from tests.world import FIRST_SECRET, HOME, function, world

ROUTES = {
    ("GET", "/api/admin/keys"): "list_keys",
    ("POST", "/api/admin/keys"): "create_key",
    ("GET", "/api/admin/keys/{id}"): "get_key",
    ("PATCH", "/api/admin/keys/{id}"): "update_key",
    ("DELETE", "/api/admin/keys/{id}"): "delete_key",
    ("POST", "/api/admin/keys/{id}/rotate"): "rotate_key",
    ("POST", "/api/admin/keys/{id}/check"): "check_key",
    ("GET", "/api/admin/keys/{id}/usage"): "get_key_usage",
    ("DELETE", "/api/admin/keys/{id}/old-secret"): "end_overlap",
    ("GET", "/api/admin/settings"): "get_settings",
    ("PATCH", "/api/admin/settings"): "update_settings",
    ("PATCH", "/api/admin/ban-list"): "update_ban_list",
    ("GET", "/api/admin/held-mail"): "list_held_mail",
    ("GET", "/api/admin/held-mail/{id}"): "get_held_mail",
    ("DELETE", "/api/admin/held-mail/{id}"): "delete_held_mail",
    ("GET", "/api/admin/held-mail/{id}/raw"): "get_held_mail_raw",
    ("POST", "/api/admin/held-mail/{id}/take-in"): "take_in_held_mail",
    ("GET", "/api/admin/broadcasts"): "list_broadcasts",
    ("GET", "/api/admin/broadcasts/{id}"): "get_broadcast",
    ("DELETE", "/api/admin/unsubscribed/{id}"): "lift_unsubscribing",
    ("GET", "/api/admin/suppressed"): "list_suppressed",
    ("POST", "/api/admin/suppressed"): "suppress",
    ("DELETE", "/api/admin/suppressed/{address}"): "lift_suppression",
    ("GET", "/api/admin/mail"): "list_mail",
    ("GET", "/api/admin/setup"): "get_setup",
    ("POST", "/api/admin/setup/test-mail"): "send_test_mail",
    ("POST", "/api/admin/setup/{id}/confirm"): "confirm_setup",
    ("POST", "/api/admin/setup/{id}/dismiss"): "confirm_setup",
    ("POST", "/api/admin/setup/{id}/reopen"): "confirm_setup",
    ("GET", "/api/admin/attention"): "get_attention",
    ("POST", "/api/admin/templates/{id}/preview"): "preview_template",
    ("POST", "/api/admin/templates/{id}/test"): "test_template",
    ("POST", "/api/admin/templates/{id}/reset"): "reset_template",
    ("GET", "/api/admin/queues"): "list_queues",
    ("GET", "/api/admin/queues/{name}/dead"): "list_dead_letters",
    ("POST", "/api/admin/queues/{name}/dead/{id}/put-aside"): "put_aside",
    ("POST", "/api/admin/queues/{name}/redrive"): "redrive_queue",
    ("DELETE", "/api/admin/queues/{name}/redrive"): "stop_redrive",
    ("GET", "/api/admin/mail/{id}"): "get_mail",
    ("POST", "/api/admin/mail/{id}/send-again"): "send_mail_again",
    ("GET", "/api/admin/audit"): "list_changes",
    ("PATCH", "/api/admin/{kind}/order"): "order_rows",
    ("GET", "/api/admin/{kind}/{id}/uses"): "get_uses",
    ("GET", "/api/admin/{kind}"): "list_rows",
    ("POST", "/api/admin/{kind}"): "create_row",
    ("GET", "/api/admin/{kind}/{id}"): "get_row",
    ("PATCH", "/api/admin/{kind}/{id}"): "update_row",
    ("DELETE", "/api/admin/{kind}/{id}"): "delete_row",
}
PATTERNS = tuple(dict.fromkeys(resource for _, resource in ROUTES))
"""Each path once; what is literal stands before what is not."""


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


def call(
    name: str,
    method: str,
    path: str,
    said: Mapping[str, Any],
    *,
    resource: str,
    params: Mapping[str, str] | None = None,
    query: Mapping[str, str | list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | None = None,
    source: str = HOME,
) -> dict[str, Any]:
    """What a function answers to a request that the authorizer's answer `said` has let through."""
    lists = {
        name: value if isinstance(value, list) else [value] for name, value in (query or {}).items()
    }
    event = {
        "httpMethod": method,
        "resource": resource,
        "path": path,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "queryStringParameters": {name: given[-1] for name, given in lists.items()} or None,
        "multiValueQueryStringParameters": lists or None,
        "pathParameters": params,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
        "requestContext": {
            "requestId": "r",
            "path": "/v1" + path,
            "domainName": "desk.example",
            "identity": {"sourceIp": source},
            "authorizer": said["context"] | {"principalId": said["principalId"]},
        },
    }
    answer: dict[str, Any] = function(name).handler(json.loads(json.dumps(event)), None)
    return answer


@dataclass
class Answer:
    """What the admin API has answered."""

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
    raise LookupError(path)


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
        name = ROUTES[method, resource]
        answer = call(
            f"admin/{name}",
            method,
            path,
            said,
            resource=resource,
            params=params or None,
            query=query,
            headers=headers,
            body=raw if raw is not None else None if body is None else json.dumps(body),
            source=source,
        )
        return Answer(answer["statusCode"], json.loads(answer["body"]), answer["headers"])

    def key(self, **facts: Any) -> dict[str, Any]:
        """A new key, whole, with its secret under `key`."""
        answer = self.call("POST", "/api/admin/keys", {"name": "a key", **facts})
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.body
        return made

    def person(self, number: int = 500) -> int:
        transact.write(
            transact.put_new(
                person_key(number),
                {"id": number, "name": "Jane", "email": f"jane{number}@example.com"},
            )
        )
        return number


@contextmanager
def cloud() -> Iterator[Cloud]:
    """The desk as its first admin finds it."""
    made = world()
    with made.at(made.keyed):
        yield Cloud(FIRST_SECRET)
