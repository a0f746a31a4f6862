"""Disaster recovery (docs/operate.md): a backup, later writes, the loss of both tables, the
restore, the stack pointed at the restored table, the index rebuilt. Every ticket of the backup is
unchanged, can be found and is counted, and no mail is sent twice.

    make rehearsal
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from moto.dynamodb.models import dynamodb_backends

from helpdesk import clock
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.events import outbox
from local.aws.faults import Fault, How
from local.aws.roles import read_roles
from local.cloud import PARAMETERS, ROOT, LocalCloud
from local.cloudformation.intrinsics import ACCOUNT, REGION
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.events.streams import StreamMapping
from tests.http.desk import Desk, Item, _plain
from tests.recount import assert_counted
from tools import jobs

pytestmark = pytest.mark.exhaustive

TICKETS, LATER, UNSENT = 30, 8, 5
"""Tickets before the backup and after it; those of which no mail had gone out when it was made."""

DESK, INDEX = "restored-desk", "restored-index"


def contents(name: str) -> list[Item]:
    """Every item of a table."""
    tables: Any = dynamodb_backends[ACCOUNT][REGION].tables
    rows = tables[name].items.values()
    return [
        {attribute: _plain(value) for attribute, value in item.attrs.items()}
        for row in rows
        for item in row.values()
    ]


def fill(desk: Desk) -> dict[str, Item]:
    """Tickets to which all kinds of things have happened, by their numbers."""
    numbers = []
    for count in range(TICKETS):
        number = desk.open(
            subject=f"Kettle {count}",
            email=f"ann{count % 7}@example.org",
            message=f"It is {count}.",
        )
        numbers.append(number)
        if count % 3 == 0:
            change(desk, number, statusId="Closed")
        if count % 4 == 0:
            change(desk, number, note="Looked at.", priorityId=3)
        if count % 10 == 9:
            gone = desk.call("DELETE", f"/api/tickets-delete.php/{number}.json")
            assert gone.status == 200, gone.text
            numbers.remove(number)
    return {number: {} for number in numbers}


def change(desk: Desk, number: str, **values: Any) -> None:
    answer = desk.call("PATCH", f"/api/tickets-update.php/{number}.json", values)
    assert answer.status == 200, answer.text


def found(desk: Desk, text: str) -> set[str]:
    answer = desk.call("GET", f"/api/tickets-search.php?query={text}&limit=100")
    assert answer.status == 200, answer.text
    return {one["number"] for one in answer.json}


def sent(cloud: LocalCloud) -> Counter[tuple[str, ...]]:
    """How often each mail was sent, by whom it went to and what it said."""
    return Counter(
        (str(mail.as_json()["to"]), str(mail.as_json()["subject"]))
        for mail in cloud.mailbox.mails()
    )


@contextmanager
def pointed_at(cloud: LocalCloud, **parameters: str) -> Iterator[None]:
    """The stack as an update with these parameters makes it: the environment of all functions, and
    the stream. What has not changed stays what it was.
    """
    template = Template(ROOT / "template.yaml", {**PARAMETERS, **parameters}, cloud.template.stack)
    resources = Resources(template, cloud.clients, None)
    resources._made |= {
        name: made for name, made in cloud.resources._made.items() if name in template.resources
    }
    mappings = [
        StreamMapping(
            resources.properties(resource),
            cloud.functions,
            cloud.clients,
            options=cloud.options,
            dice=cloud._dice,
        )
        for resource in template.of_type("AWS::Lambda::EventSourceMapping")
        if ":dynamodb:" in resources.properties(resource)["EventSourceArn"]
    ]
    told = resources.environment()
    changed = {name: told[name] for name in ("DESK_TABLE", "INDEX_TABLE", "RESTORED_AT")}
    new = iter(mappings)
    sources = [next(new) if one in cloud.streams else one for one in cloud.background._sources]
    with (
        patch.dict("os.environ", changed),
        patch.object(cloud.background, "_sources", sources),
        patch.dict(vars(cloud), roles=read_roles(template, resources)),
    ):
        cache.forget()
        cloud.authorization.flush()
        yield
    cache.forget()


def restore(cloud: LocalCloud, backup: list[Item]) -> str:
    """The restored table, with its stream, and an empty index; gives the stream's ARN."""
    client = cloud.clients.dynamodb
    for name, logical in ((DESK, "DeskTable"), (INDEX, "IndexTable")):
        properties = cloud.template.resources[logical].properties
        kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        shape = {part: properties[part] for part in kept if part in properties}
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            **shape,
        )
    for item in backup:
        client.put_item(TableName=DESK, Item=item)
    return str(client.describe_table(TableName=DESK)["Table"]["LatestStreamArn"])


def test_a_desk_comes_back_from_the_loss_of_its_tables(cloud: LocalCloud, desk: Desk) -> None:
    tickets: Mapping[str, Item] = fill(desk)
    cloud.drain(retry=True)
    # Of the last ones no mail has gone out when the backup is made; it does after it.
    mute = Fault(How.BEFORE, calls=1000, service="sesv2")
    with cloud.aws.faults.plan(mute):
        unsent = [desk.open(subject="Kettle unsent") for _ in range(UNSENT)]
        cloud.drain()
        tickets = {number: desk.show(number) for number in [*tickets, *unsent]}
        kettles = found(desk, "kettle")
        backup = contents(cloud.resources.physical("DeskTable").ref)
        at = now()
    cloud.drain(retry=True)
    waiting = [item for item in backup if "notify" in item.get("todo", {}).get("SS", ())]
    assert len(waiting) >= UNSENT

    lost = {desk.open(subject="Kettle lost") for _ in range(LATER)}
    change(desk, unsent[0], statusId="Closed")
    cloud.drain(retry=True)
    before = sent(cloud)
    for logical in ("DeskTable", "IndexTable"):
        name = cloud.resources.physical(logical).ref
        cloud.clients.dynamodb.delete_table(TableName=name)
    cache.forget()
    assert desk.call("GET", f"/api/tickets-get.php/{unsent[0]}.json").status >= 500

    stream = restore(cloud, backup)
    with pointed_at(
        cloud,
        DeskTableName=DESK,
        DeskStreamArn=stream,
        IndexTableName=INDEX,
        RestoredAt=f"{at + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
    ):
        # The stream begins anew with all that was restored, and the schedule finds what waits.
        with patch.object(outbox, "now", lambda: clock.now() + timedelta(minutes=11)):
            cloud.run_schedule("BackgroundRequeueEvents")
        cloud.drain(retry=True)
        said: list[str] = []
        call = jobs.local(cloud.url, "rebuild")
        jobs.work(call, {"anew": True, "patience": 0}, said.append)
        cloud.drain(retry=True)

        different = [number for number in tickets if desk.show(number) != tickets[number]]
        assert different == []
        assert found(desk, "kettle") == kettles
        assert lost.isdisjoint(kettles)
        assert_counted([*contents(DESK), *contents(INDEX)])
        twice = sent(cloud) - before
        assert sent(cloud) == before
        left = [item for item in contents(DESK) if "todo" in item]
        assert left == []

        # And the desk goes on, with mail.
        number = desk.open(subject="Kettle again")
        cloud.drain(retry=True)
        assert number in found(desk, "kettle")
        assert sum(sent(cloud).values()) > sum(before.values())
    sys.stdout.write(
        f"{len(backup)} items in the backup, {len(waiting)} events of them not told yet; "
        f"{len(lost)} tickets and a change lost; {len(tickets)} tickets compared, "
        f"{len(different)} different; {sum(before.values())} mails before, {len(twice)} twice\n"
    )
