"""Writes events/: one real event per function, for `sam local invoke` and the built artefacts.

    python -m tools.events

Events of endpoints are built by the code that emulates API Gateway in the local cloud: from the
method and the path that the description begins with, and the parameters in `examples`. Times and
ids are fixed, so that a file changes only when its function does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from helpdesk.keys.permissions import PERMISSIONS
from local.aws.clients import Clients
from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.intrinsics import ACCOUNT, REGION
from local.cloudformation.resources import Resources
from local.cloudformation.template import Function, Template
from local.functions import Event
from local.gateway.requests import Request, authorizer_event, request_event
from local.gateway.routes import Api, read_apis
from local.mail.smtp import Verdicts, received
from tools import examples

EVENTS = ROOT / "events"

KEY = "example-key-of-the-local-desk"
"""The API key in the example requests."""

ID = "11111111-2222-3333-4444-555555555555"
AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

GATE = "AuthorizerAuthorize"
"""The authorizer of all APIs."""

EVENT_KEY = {"pk": "T#0000000001", "sk": f"V#{0:032x}"}
"""The primary key of an outbox event, as queue messages contain it."""


def write() -> None:
    """Writes every file, and removes the files of functions that no longer exist."""
    wanted = {EVENTS / f"{path}.json": text(event) for path, event in events().items()}
    for stale in set(EVENTS.rglob("*.json")) - set(wanted):
        stale.unlink()
    for file, content in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def text(event: Event) -> str:
    """An event as the text of its file."""
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


def events() -> dict[str, Event]:
    """Every event by the path of its function's folder below functions/ (`osticket/get_ticket`)."""
    template = Template(ROOT / "template.yaml", PARAMETERS, STACK)
    # Routes refer only to functions and APIs, which can be resolved without calling AWS.
    apis = list(read_apis(template, Resources(template, Clients(), KEY)))
    serving = {
        method.integration: api
        for api in apis
        for route in api.routes
        for method in route.methods.values()
        if isinstance(method.integration, str)
    }
    made = dict(_background())
    made[_path(template.functions[GATE])] = _question(apis)
    for name, function in template.functions.items():
        if name in serving:
            described = template.resources[name].properties["Description"]
            made[_path(function)] = _call(name, serving[name], described)
    return made


def _path(function: Function) -> str:
    return "/".join(function.folder.parts[-2:])


def _question(apis: list[Api]) -> Event:
    """API Gateway's event for the authorizer, with the first key that every desk has."""
    request = _request("GET", "/api/admin/keys", None)
    api, matched = next((api, found) for api in apis if (found := api.match(request.path)))
    return authorizer_event(request, api, matched[0].resource, matched[1])


def _call(function: str, api: Api, described: str) -> Event:
    verb, path = described.split()[:2]
    path = path.format_map(
        {**examples.PARAMETERS_OF_PATHS, **examples.PARAMETERS_OF_FUNCTIONS.get(function, {})}
    )
    keyed = f"key={KEY}" if function.startswith("Notific") else ""
    request = _request(
        verb, path, examples.BODIES.get(function), examples.QUERIES.get(function, keyed)
    )
    matched = api.match(request.path)
    method = matched and matched[0].method(verb)
    if not matched or not method or method.integration != function:
        raise ValueError(f"{function} does not serve {verb} {path}, as its description says")
    if verb in {"POST", "PUT", "PATCH"} and function not in examples.BODIES:
        raise ValueError(f"{function} reads a body: give it an example in BODIES")
    route, parameters = matched
    return request_event(
        request,
        api,
        route.resource,
        parameters,
        gateway_key=ID if method.needs_key else None,
        authorizer=_VERDICT if method.authorizer else None,
    )


def _request(verb: str, path: str, body: Any, query: str = "") -> Request:
    headers = [("Accept", "*/*"), ("Host", "desk.example"), ("User-Agent", "curl/8.5.0")]
    zammad = path.startswith("/api/v1/") and not path.startswith("/api/v1/tickets.php")
    key = ("Authorization", f"Token token={KEY}") if zammad else ("X-API-Key", KEY)
    headers += [] if query.startswith(("key=", "token=")) else [key]
    sent = body if isinstance(body, str) else json.dumps(body)
    if body is not None:
        headers.append(("Content-Type", _media_type(body)))
    return Request(
        method=verb,
        prefix="/desk",
        path=path,
        query=query,
        headers=headers,
        body=b"" if body is None else sent.encode(),
        source="198.51.100.7",
        protocol="HTTP/1.1",
        scheme="https",
        port="443",
        id=ID,
        at=AT,
    )


def _media_type(body: Any) -> str:
    if not isinstance(body, str):
        return "application/json"
    if body.startswith("List-Unsubscribe="):
        return "application/x-www-form-urlencoded"
    return "application/xml" if body.startswith("<") else "message/rfc822"


_VERDICT = {
    "principalId": "key-1",
    "integrationLatency": 0,
    "key_id": "1",
    "permissions": ",".join(PERMISSIONS),
    "departments": "",
    "agent": "",
    "customer": "",
    "expires": "",
}
"""The authorizer's context for a key with all permissions."""


def _background() -> Mapping[str, Event]:
    """Events of background functions, in the format of the services that send them."""
    stamp = f"{AT:%Y-%m-%dT%H:%M:%SZ}"
    arn = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
    told = {
        "eventType": "Send",
        "mail": {
            "timestamp": stamp,
            "messageId": "0100000000000000-00000000-0000-0000-0000-000000000000-000000",
            "source": "support@desk.example",
            "destination": ["api@osticket.com"],
            "tags": {"mail": ["0000-0000"]},
        },
        "send": {},
    }
    image = {
        "pk": {"S": EVENT_KEY["pk"]},
        "sk": {"S": EVENT_KEY["sk"]},
        "kind": {"S": "created"},
        "at": {"S": stamp},
        "ticket": {"N": "1"},
        "todo": {"SS": ["notify", "project"]},
    }
    return {
        "background/relay_events": {
            "Records": [
                {
                    "eventID": "1" * 32,
                    "eventName": "INSERT",
                    "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb",
                    "awsRegion": REGION,
                    "dynamodb": {
                        "ApproximateCreationDateTime": int(AT.timestamp()),
                        "Keys": {"pk": image["pk"], "sk": image["sk"]},
                        "NewImage": image,
                        "SequenceNumber": "1" * 21,
                        "SizeBytes": 200,
                        "StreamViewType": "NEW_IMAGE",
                    },
                    "eventSourceARN": arn.format("dynamodb", "table/DeskTable/stream/example"),
                }
            ]
        },
        "background/notify": _queue_event(arn.format("sqs", "NotifyQueue")),
        "background/send_broadcast": _queue_event(arn.format("sqs", "BroadcastQueue")),
        "background/project": _queue_event(arn.format("sqs", "ProjectQueue")),
        "background/move_messages": {"queue": "notify", "id": "1" * 32},
        "background/migrate_items": {"seconds": 0},
        "background/rebuild_index": {"seconds": 0, "patience": 0},
        "background/requeue_events": _schedule_event(arn.format("events", "rule/Requeue")),
        "background/mark_overdue": _schedule_event(arn.format("events", "rule/MarkOverdue")),
        "background/sweep_files": _schedule_event(arn.format("events", "rule/Sweep")),
        "background/record_mail_events": {
            "Records": [
                {
                    "EventSource": "aws:sns",
                    "EventVersion": "1.0",
                    "EventSubscriptionArn": arn.format("sns", f"MailEventsTopic:{ID}"),
                    "Sns": {
                        "Type": "Notification",
                        "MessageId": ID,
                        "TopicArn": arn.format("sns", "MailEventsTopic"),
                        "Subject": "Amazon SES Email Event Notification",
                        "Message": json.dumps(told),
                        "Timestamp": stamp,
                        "MessageAttributes": {},
                    },
                }
            ]
        },
        "background/receive_mail": received(
            ID, "api@osticket.com", ["support@desk.example"], AT, Verdicts()
        ),
        "background/redrive_mail": _schedule_event(arn.format("events", "rule/RedriveMail")),
        "background/set_up_desk": {
            "RequestType": "Create",
            "ServiceToken": arn.format("lambda", "function:BackgroundSetUpDesk"),
            "ResponseURL": "https://cloudformation.example/response",
            "StackId": arn.format("cloudformation", f"stack/deskless/{ID}"),
            "RequestId": ID,
            "LogicalResourceId": "Desk",
            "ResourceType": "Custom::Desk",
            "ResourceProperties": {
                "ServiceToken": arn.format("lambda", "function:BackgroundSetUpDesk")
            },
        },
    }


def _queue_event(queue: str) -> Event:
    milliseconds = str(int(AT.timestamp() * 1000))
    return {
        "Records": [
            {
                "messageId": ID,
                "receiptHandle": "example",
                "body": json.dumps(EVENT_KEY),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": milliseconds,
                    "SenderId": ACCOUNT,
                    "ApproximateFirstReceiveTimestamp": milliseconds,
                },
                "messageAttributes": {},
                "md5OfBody": md5(json.dumps(EVENT_KEY).encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue,
                "awsRegion": REGION,
            }
        ]
    }


def _schedule_event(rule: str) -> Event:
    return {
        "version": "0",
        "id": ID,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": f"{AT:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": [rule],
        "detail": {},
    }


if __name__ == "__main__":
    write()
