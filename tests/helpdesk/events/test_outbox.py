"""From the stream to the queues, and the recovery of events that are lost on the way."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from unittest.mock import patch
from urllib.request import Request

import pytest

from helpdesk.catalogue import cache
from helpdesk.directory import changes
from helpdesk.keys import authorize, manage, permissions
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import cloudformation, table, transact
from helpdesk.storage.keys import Key, folder_key
from tests.desk import Context, Desk, function, new_desk
from tests.faults import How
from tests.world import ADMIN, aside, later


def requeue() -> None:
    function("requeue_events")({}, Context())


def test_an_event_goes_to_the_queues_it_waits_for(desk: Desk) -> None:
    opened = [desk.open(number) for number in range(1, 13)]
    assert desk.relay(*opened) == []
    assert sorted(desk.queued("notify")) == sorted(desk.queued("project")) == opened
    manage.create_key(SYSTEM, {"name": "shop"})
    (audit,) = [item for item in table.query("TODO", index="g10") if item["pk"][0] == "A"]
    assert desk.relay(Key(audit["pk"], audit["sk"])) == []
    assert (desk.queued("notify"), len(desk.queued("project"))) == ([], 1)


def test_only_the_records_that_missed_a_queue_are_asked_for_again(desk: Desk) -> None:
    opened = [desk.open(number) for number in range(1, 13)]
    with desk.injector.fault(How.BEFORE, nth=2, only="SendMessageBatch"):
        assert desk.relay(*opened) == opened[10:]
    assert sorted(desk.queued("notify")) == opened[:10]
    assert sorted(desk.queued("project")) == opened


def test_messages_that_sqs_takes_only_in_part_are_told_apart(desk: Desk) -> None:
    opened = [desk.open(number) for number in range(1, 4)]
    with desk.injector.stub("SendMessageBatch", lambda _: {"Failed": [{"Id": "1"}]}):
        assert desk.relay(*opened) == [opened[1]]


def test_what_stands_for_ten_minutes_is_queued_again(desk: Desk) -> None:
    old = desk.open(1)
    later(minutes=9)
    requeue()
    assert desk.queued("notify") == []
    later(minutes=2)
    young = desk.open(2)
    assert desk.deliver("project", old) == []
    requeue()
    assert (desk.queued("notify"), desk.queued("project")) == ([old], [])
    assert desk.todo(young) == {"notify", "project"}


def test_an_event_whose_every_message_was_lost_is_done_in_the_end(desk: Desk) -> None:
    event = desk.open()
    with desk.injector.fault(How.BEFORE, only="SendEmail"):
        assert desk.deliver("notify", event) == [event]
    later(minutes=11)
    requeue()
    for name in ("notify", "project"):
        assert desk.deliver(name, *desk.queued(name)) == []
    assert desk.todo(event) == set()
    assert desk.addressees() == ["ann1@example.org", ADMIN]
    later(minutes=11)
    requeue()
    assert desk.queued("notify") == desk.queued("project") == []


# --- the sweep ------------------------------------------------------------------------------


def test_the_sweep_takes_what_no_item_names_and_nothing_else(desk: Desk) -> None:
    s3 = aside("s3")
    for key in (
        "files/2026-02-28/orphan/0",
        "files/2026-02-28/orphan/body-0",
        "files/2026-02-28/named/0",
        "files/2026-03-01/young/0",
        "files/2026-02-27/older/0",
        "uploads/2026-02-28/other/0",
    ):
        s3.put_object(Bucket="desk-files", Key=key)
    transact.write(transact.put(folder_key("named"), {"ticket": 1}))
    function("sweep_files")({}, Context())
    left = {item["Key"] for item in s3.list_objects_v2(Bucket="desk-files")["Contents"]}
    assert left == {
        "files/2026-02-28/named/0",
        "files/2026-03-01/young/0",
        "files/2026-02-27/older/0",
        "uploads/2026-02-28/other/0",
    }


# --- set-up ---------------------------------------------------------------------------------


@pytest.fixture
def bare() -> Iterator[Desk]:
    with new_desk(installed=False) as made:
        yield made


@dataclass
class CloudFormation:
    """Takes the answers of a custom resource; the first `deaf` of them get lost."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    deaf: int = 0

    @contextmanager
    def take(self, put: Request, timeout: float) -> Iterator[None]:
        assert timeout <= 10
        assert isinstance(put.data, bytes)
        assert (put.get_method(), put.full_url) == ("PUT", "https://cloudformation/answer?signed")
        assert put.get_header("Content-type") == ""
        if self.deaf:
            self.deaf -= 1
            raise OSError
        self.answers.append(json.loads(put.data))
        yield


@pytest.fixture
def cloud_formation(monkeypatch: pytest.MonkeyPatch) -> CloudFormation:
    found = CloudFormation()
    monkeypatch.setattr("helpdesk.storage.cloudformation.urlopen", found.take)
    return found


def deploy(kind: str, context: Context | None = None, **more: str) -> None:
    request = {
        "RequestType": kind,
        "ResponseURL": "https://cloudformation/answer?signed",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Desk",
        **more,
    }
    function("set_up_desk")(request, context or Context())


def test_set_up_makes_a_desk_that_works(bare: Desk, cloud_formation: CloudFormation) -> None:
    deploy("Create")
    (answer,) = cloud_formation.answers
    assert answer["Status"] == "SUCCESS"
    known = cache.load()
    assert [row.name for row in known.statuses.values()] == [
        "Open",
        "Resolved",
        "Closed",
        "Archived",
        "Deleted",
    ]
    admitted = authorize.authenticate("s" * 48, "192.0.2.1")
    assert set(admitted.permissions) == set(permissions.PERMISSIONS)
    (shared,) = aside("apigateway").get_api_keys(includeValues=True)["items"]
    assert admitted.usage == shared["value"]
    assert bare.deliver("notify", bare.open()) == []
    assert bare.addressees() == ["ann1@example.org", ADMIN]


def test_a_desk_without_an_admins_address_has_no_agent(
    bare: Desk, cloud_formation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_EMAIL", "")
    deploy("Create")
    assert cache.load().agents == {}


def test_an_update_changes_nothing_that_is_there(
    bare: Desk, cloud_formation: CloudFormation
) -> None:
    deploy("Create")
    changes.update_row(SYSTEM, "departments", 1, {"name": "Help"})
    changes.delete_row(SYSTEM, "departments", 2)
    before = [item for pk in ("CAT", "KEYS", "MAIL", "GATEWAY") for item in table.query(pk)]
    deploy("Update", PhysicalResourceId="Desk")
    assert [item for pk in ("CAT", "KEYS", "MAIL", "GATEWAY") for item in table.query(pk)] == before
    assert len(aside("apigateway").get_api_keys()["items"]) == 1
    assert {answer["PhysicalResourceId"] for answer in cloud_formation.answers} == {"Desk"}


def test_a_failure_is_told_without_its_words(bare: Desk, cloud_formation: CloudFormation) -> None:
    with bare.injector.fault(How.TIMEOUT, only="GetSecretValue"):
        deploy("Create")
    (answer,) = cloud_formation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "Unavailable (log stream stream)"


def test_what_aws_refused_is_named_since_a_rollback_deletes_the_log(
    bare: Desk, cloud_formation: CloudFormation
) -> None:
    code = "AccessDeniedException"
    with bare.injector.fault(How.REFUSED, only="GetSecretValue", code=code):
        deploy("Create")
    (answer,) = cloud_formation.answers
    assert answer["Reason"] == f"GetSecretValue: {code} (log stream stream)"


def test_delete_succeeds_and_leaves_everything(desk: Desk, cloud_formation: CloudFormation) -> None:
    deploy("Delete", PhysicalResourceId="Desk")
    assert [answer["Status"] for answer in cloud_formation.answers] == ["SUCCESS"]
    assert cache.load().departments


def test_gateway_keys_that_cloudformation_does_not_know_go_with_the_stack(
    bare: Desk, cloud_formation: CloudFormation
) -> None:
    deploy("Create")
    aside("apigateway").create_api_key(name="of-another-desk", value="v" * 32)
    deploy("Delete", PhysicalResourceId="Desk")
    assert [key["name"] for key in aside("apigateway").get_api_keys()["items"]] == [
        "of-another-desk"
    ]


@pytest.mark.parametrize("call", ["DescribeActiveReceiptRuleSet", "GetApiKeys"])
def test_a_deletion_is_not_held_up_by_what_fails(
    bare: Desk, cloud_formation: CloudFormation, call: str
) -> None:
    deploy("Create")
    rules: Any = {"ResourceProperties": {"RuleSet": "ours"}}
    with bare.injector.fault(How.REFUSED, only=call, code="AccessDeniedException"):
        deploy("Delete", PhysicalResourceId="Desk", **rules)
    assert cloud_formation.answers[-1]["Status"] == "SUCCESS"
    assert cloud_formation.answers[-1]["Reason"].startswith(f"{call}: AccessDeniedException")
    left = aside("apigateway").get_api_keys()["items"]
    assert bool(left) == (call == "GetApiKeys")


def test_before_its_time_is_up_it_says_so_and_says_it_once(
    cloud_formation: CloudFormation,
) -> None:
    told = Event()

    def take(put: Request, timeout: float) -> Any:
        told.set()
        return cloud_formation.take(put, timeout)

    with patch("helpdesk.storage.cloudformation.urlopen", take):
        cloudformation.carry_out(
            {
                "RequestType": "Create",
                "ResponseURL": "https://cloudformation/answer?signed",
                "StackId": "stack",
                "RequestId": "request",
                "LogicalResourceId": "Desk",
            },
            Context(remaining=10_000),
            lambda: _wait(told),
        )
    assert [answer["Status"] for answer in cloud_formation.answers] == ["FAILED"]
    assert cloud_formation.answers[0]["Reason"].startswith("out of time")


def _wait(told: Event) -> None:
    assert told.wait(timeout=60)


def test_an_answer_that_gets_lost_is_given_again(
    desk: Desk, cloud_formation: CloudFormation
) -> None:
    cloud_formation.deaf = 2
    deploy("Delete")
    assert [answer["Status"] for answer in cloud_formation.answers] == ["SUCCESS"]
