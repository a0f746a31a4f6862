"""Roles against what functions really ask of AWS [m6].

moto enforces no policy, so a missing permission would first be missed in a deployment. A whole desk
runs here, the usual ways and the way of faults, and every call that arrives at AWS is compared with
the role of the function that made it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from http.client import HTTPConnection
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.retries.standard import ExponentialBackoff

from helpdesk import catalogue
from helpdesk.clock import now
from local.calls import OUTSIDE, Action
from local.cloud import LocalCloud
from local.edge import Used
from local.faults import Fault, How
from local.switches import Switches
from tests.inbound.ways import take_every_way

BY_LAMBDA = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""What Lambda itself does under a function's role, before or after the function runs."""

BY_LAMBDA_FOR_THE_STREAM = {"s3:ListBucket", "s3:PutObject"}
"""The same, with batches of the stream that the relay could not do."""

FAILED_CALLS = "FailedCalls"
"""The queue on which Lambda itself puts calls that a function could not do."""


class Client:
    def __init__(self, cloud: LocalCloud, key: str) -> None:
        self._cloud = cloud
        self._key = key

    def __call__(
        self, method: str, path: str, body: object = None, *, once: str = ""
    ) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self._cloud.port, timeout=60)
        headers = {"X-API-Key": self._key, "Content-Type": "application/json"}
        if once:
            headers["Idempotency-Key"] = once
        # Every function of this process has one cache; in Lambda each container begins with none.
        catalogue.forget()
        try:
            sent = b"" if body is None else json.dumps(body).encode()
            if isinstance(body, str):
                sent = body.encode()
            connection.request(method, path, body=sent, headers=headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(content)
        except ValueError:
            return answer.status, content


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    # Clients wait before they try again; here nothing gets better by waiting.
    with (
        patch.object(ExponentialBackoff, "delay_amount", lambda *_: 0),
        LocalCloud(switches=Switches(duplicate_rate=0.2), stack="permissions") as running,
    ):
        live(running)
        yield running


def live(cloud: LocalCloud) -> None:
    """Everything that can be asked of this desk, and faults in between."""
    ask = Client(cloud, cloud.key or "")
    keys(ask)
    rows(ask)
    tickets(ask)
    take_every_way(
        cloud,
        lambda mail: ask("POST", "/api/tickets.email", mail.decode()),
        lambda settings: ask("PATCH", "/api/admin/settings", settings),
    )
    faults(cloud, ask)
    leavings(cloud)
    for schedule in cloud.schedules:
        cloud.run_schedule(schedule.function)
    cloud.drain(retry=True)


def keys(ask: Client) -> None:
    made = [
        ask("POST", "/api/admin/keys", {"name": "Shop", "permissions": ["can_read_tickets"]})[1]
        for _ in range(2)
    ]
    ask("POST", "/api/admin/keys", {"name": "Till"}, once="till")
    ask("POST", "/api/admin/keys", {"name": "Till"}, once="till")
    one, other = (key["id"] for key in made)
    ask("GET", "/api/admin/keys")
    ask("GET", f"/api/admin/keys/{one}")
    ask("PATCH", f"/api/admin/keys/{one}", {"networks": ["198.51.100.0/24"]})
    ask("PATCH", f"/api/admin/keys/{one}", {"permissions": ["can_manage_keys"]})
    ask("POST", f"/api/admin/keys/{one}/rotate", {"overlap_hours": 1})
    ask("POST", f"/api/admin/keys/{one}/rotate", {"overlap_hours": 0}, once="turn")
    ask("POST", f"/api/admin/keys/{one}/rotate", {"overlap_hours": 0}, once="turn")
    ask("DELETE", f"/api/admin/keys/{one}")
    ask("DELETE", f"/api/admin/keys/{other}")
    ask("DELETE", "/api/admin/keys/1")
    # An agent and a customer that a key is bound to are looked up.
    ask("POST", "/api/admin/keys", {"name": "Bound", "agent": 3})
    ask("POST", "/api/admin/keys", {"name": "Bound", "customer": 4})
    ask("POST", "/api/admin/keys", {"name": "Bound", "departments": [1]})


ROWS: Mapping[str, Mapping[str, Any]] = {
    "departments": {"name": "Billing"},
    "slas": {"name": "Fast", "hours": 2},
    "agents": {"name": "Ann", "username": "ann", "email": "ann@desk.example"},
    "organizations": {"name": "ACME"},
}
"""A row of each kind that is stored or checked in a way of its own."""


def rows(ask: Client) -> None:
    for kind, body in ROWS.items():
        ask("GET", f"/api/admin/{kind}")
        status, row = ask("POST", f"/api/admin/{kind}", body, once=kind)
        assert status == 201, row
        ask("POST", f"/api/admin/{kind}", body, once=kind)
        number = row["id"]
        ask("GET", f"/api/admin/{kind}/{number}")
        ask("PATCH", f"/api/admin/{kind}/{number}", {"name": f"Other {kind}"})
        ask("GET", f"/api/admin/{kind}?limit=1")
        ask("DELETE", f"/api/admin/{kind}/{number}")
    ask("POST", "/api/admin/organizations", {"name": "ACME", "domains": ["acme.example"]})
    ask("GET", "/api/admin/settings")
    ask("PATCH", "/api/admin/settings", {"max_open_tickets": 1000})
    ask("GET", "/api/tickets-statuses.php")


def ticket(**values: Any) -> dict[str, Any]:
    return {
        "name": "Jane",
        "email": "jane@acme.example",
        "subject": "Printer",
        "message": "It burns.",
        **values,
    }


def tickets(ask: Client) -> None:
    status, number = ask("POST", "/api/tickets.json", ticket())
    assert status == 201
    dice = random.Random(1)
    long_text = "".join(dice.choices("abcdefghij klmnopqrst", k=60_000))
    files = [{"a.txt": "data:text/plain,hello"}]
    assert ask("POST", "/api/tickets.json", ticket(message=long_text, attachments=files))[0] == 201
    for _ in range(2):
        ask("POST", "/api/tickets.json", ticket(message=long_text), once="the same")
    document = "".join(f"<{name}>{value}</{name}>" for name, value in ticket().items())
    assert ask("POST", "/api/tickets.xml", f"<ticket>{document}</ticket>")[0] == 201
    ask("POST", "/api/tickets.json", ticket(parentTicketId=str(number)))
    ask("POST", "/api/tickets.json", ticket(email="none", attachments=files))
    for ref in (number, 2, 3, "nothing"):
        ask("GET", f"/api/tickets-get.php/{ref}.json")


def faults(cloud: LocalCloud, ask: Client) -> None:
    """Each call of a create, and of what follows from it, fails once; then all is asked again."""
    new = ticket(attachments=[{"a.txt": "data:text/plain,hello"}])
    for nth in range(1, 6):
        new["email"] = f"new{nth}@acme.example"
        with cloud.edge.faults.plan(Fault(How.AFTER, nth, function="OsticketCreateTicketJson")):
            ask("POST", "/api/tickets.json", new, once=f"fault {nth}")
        ask("POST", "/api/tickets.json", new, once=f"fault {nth}")
    for function in ("BackgroundNotify", "BackgroundProject"):
        for nth in range(1, 4):
            with cloud.edge.faults.plan(Fault(How.AFTER, nth, function=function)):
                ask("POST", "/api/tickets.json", ticket())
                cloud.drain()
            cloud.drain(retry=True)


def leavings(cloud: LocalCloud) -> None:
    """What a crash leaves: an object that nobody names, an event that nobody has heard of."""
    bucket = cloud.resources.physical("FilesBucket").ref
    day = time.strftime("%Y-%m-%d", time.gmtime(now().timestamp() - 2 * 86_400))
    boto3.client("s3").put_object(Bucket=bucket, Key=f"files/{day}/{'0' * 32}/1", Body=b"x")
    boto3.client("dynamodb").put_item(
        TableName=cloud.resources.physical("DeskTable").ref,
        Item={
            "pk": {"S": "T#0000000001"},
            "sk": {"S": f"V#{0:032x}"},
            "kind": {"S": "ticket_opened"},
            "at": {"S": "2026-01-31T12:00:00.000000Z"},
            "ticket": {"N": "1"},
            "todo": {"SS": ["notify", "project"]},
            "p10": {"S": "TODO"},
            "s10": {"S": "2026-01-31T12:00:00.000000Z#T#0000000001"},
        },
    )


# --- the comparison -------------------------------------------------------------------------


def tail(name: str) -> str:
    """What of an ARN names the resource within its service, account and region."""
    return name.split(":", 5)[5] if name.startswith("arn:") else name


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def granted(cloud: LocalCloud, role: str) -> list[Action]:
    """Every action that a role allows, with a pattern of what on."""
    properties = cloud.resources.resolve(cloud.template.resources[role].properties)
    return [
        Action(action, tail(resource))
        for policy in properties.get("Policies", ())
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


def covers(grant: Action, action: Action) -> bool:
    if grant.name.startswith("ses:"):
        # Of sending, SES asks for the one or the other action by the form of the mail, and for the
        # sender and the configuration set, which the edge does not know.
        return action.name.startswith("ses:Send")
    return grant.name == action.name and fnmatchcase(tail(action.resource), grant.resource)


def roles(cloud: LocalCloud) -> dict[str, str]:
    return {
        resource.name: resource.properties["Role"]["Fn::GetAtt"][0]
        for resource in cloud.template.of_type("AWS::Lambda::Function")
    }


def test_every_function_has_called_or_has_nothing_to_call(cloud: LocalCloud) -> None:
    silent = set(roles(cloud)) - {used.function for used in cloud.edge.used}
    assert silent == {"AdminRefuse", "OsticketRefuse"}


def test_no_function_asks_for_what_its_role_does_not_allow(cloud: LocalCloud) -> None:
    role = roles(cloud)
    missing = {
        (used.function, used.action.name, used.action.resource)
        for used in cloud.edge.used
        if used.function != OUTSIDE
        and not any(covers(grant, used.action) for grant in granted(cloud, role[used.function]))
    }
    assert not missing, "\n".join(map(str, sorted(missing)))


def test_no_role_allows_what_none_of_its_functions_asks_for(cloud: LocalCloud) -> None:
    used_by: dict[str, set[Action]] = {}
    for used in cloud.edge.used:
        if used.function != OUTSIDE:
            used_by.setdefault(roles(cloud)[used.function], set()).add(used.action)
    idle = {
        (role, grant.name, grant.resource)
        for role in sorted(set(roles(cloud).values()))
        for grant in granted(cloud, role)
        if grant.name not in BY_LAMBDA
        and not (role == "RelayEvents" and grant.name in BY_LAMBDA_FOR_THE_STREAM)
        and not grant.resource.endswith(FAILED_CALLS)
        and not any(covers(grant, action) for action in used_by.get(role, ()))
    }
    assert not idle, "\n".join(map(str, sorted(idle)))


def test_a_missing_permission_would_be_seen() -> None:
    read = Action("dynamodb:GetItem", "table/desk")
    assert covers(read, Action("dynamodb:GetItem", "table/desk"))
    assert not covers(read, Action("dynamodb:Query", "table/desk"))
    assert not covers(read, Action("dynamodb:GetItem", "table/desk/index/g10"))
    files = Action("s3:GetObject", "bucket/files/*")
    assert covers(files, Action("s3:GetObject", "bucket/files/2026-01-31/1/1"))
    assert not covers(files, Action("s3:GetObject", "bucket/raw/1"))
    assert Used("f", read) != Used("g", read)
