"""What `sam build` leaves: every function answers its own event, in the process Lambda would start.

`make test-built` builds for this machine and for arm64 first. The tables are the local cloud's.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from dialects.describing import Family
from local.cloud import ROOT, LocalCloud
from local.testing import KEY
from tools import events, openapi
from tools.emulator import BUILT, HOST, LAYERS, TOKENS, Emulator, FunctionError

pytestmark = pytest.mark.built

FUNCTIONS = sorted(
    str(file.relative_to(events.EVENTS).with_suffix("")) for file in events.EVENTS.rglob("*.json")
)

MOST_ZIPPED = 10 * 1024 * 1024
"""Bytes of the layers of all functions together (docs/data-model.md)."""

MOST_OF_TOKENS = 6 * 1024 * 1024
"""Bytes of the layer that the authorizer has besides, where people sign in."""

OURS = (*LAYERS, TOKENS)

MACHINES = {"x86_64": 62, "arm64": 183}
"""What ELF calls a processor (e_machine)."""

STATUSES = {
    "admin/create_key": 201,
    "admin/create_row": 201,
    # The key and the department of the examples are the desk's last: it keeps them, and says so.
    "admin/delete_key": 409,
    "admin/delete_row": 409,
    # Nobody is suppressed on a fresh desk.
    "admin/lift_suppression": 404,
    "osticket/create_ticket_email": 201,
    "osticket/create_ticket_json": 201,
    "osticket/create_ticket_xml": 201,
    "osticket/create_upload": 201,
    "osticket/v1_create_ticket": 201,
    # The example's key acts as no agent, and the example names none.
    "osticket/reply_to_ticket": 400,
    # The example's link is not signed by this desk.
    "notific/show_unsubscribe": 400,
    # A fresh desk shows no status, and has neither broadcasts nor customers.
    "notific/show_status": 404,
    "notific/show_status_feed": 404,
    "admin/get_broadcast": 404,
    "admin/lift_unsubscribing": 404,
    "notific/unsubscribe": 400,
    # Nor has it mails, held ones or dead letters, and its key was never rotated.
    **{
        f"admin/{name}": 404
        for name in (
            *("get_mail", "send_mail_again", "get_held_mail", "get_held_mail_raw"),
            *("take_in_held_mail", "delete_held_mail", "put_aside", "stop_redrive"),
            *("end_overlap", "confirm_setup", "unlink_ticket"),
        )
    },
    **{f"admin/{name}": 201 for name in ("create_entry", "link_ticket", "suppress")},
    **{f"admin/{name}": 202 for name in ("redrive_queue", "send_test_mail", "test_template")},
    **{f"notific/create_{name}": 201 for name in ("ticket", "customer", "service", "operator")},
    **{
        f"zammad/{name}": 201
        for name in (
            "add_link",
            "add_tag",
            "create_accounting",
            "create_article",
            "create_mention",
            "create_organization",
            "create_row",
            "create_ticket",
            "create_user",
            "remove_link",
        )
    },
}
"""What endpoints answer to their example on a fresh desk, where it is not 200."""

FIRST_OF_ZAMMAD = ("zammad/create_ticket",)
FIRST = {
    **{f"zammad/{verb}_link": ("zammad/create_ticket",) * 2 for verb in ("add", "remove")},
    **{
        f"zammad/{verb}_organization": ("zammad/create_organization",)
        for verb in ("get", "update", "delete")
    },
    "zammad/delete_row": ("zammad/create_row",),
    "zammad/delete_user": ("zammad/create_user",),
    "zammad/get_plain_article": ("osticket/create_ticket_email",),
    **{f"zammad/{verb}_tag": ("zammad/create_tag",) for verb in ("update", "delete")},
    **{
        f"zammad/{verb}_accounting": ("zammad/create_ticket", "zammad/create_accounting")
        for verb in ("get", "update", "delete")
    },
    "notific/create_ticket": ("notific/create_service",),
    "notific/create_customer": ("notific/create_service",),
    **{
        f"notific/{verb}_{name}": ("notific/create_service", f"notific/create_{name}")
        for verb in ("get", "update", "delete")
        for name in ("ticket", "customer")
    },
    **{
        f"notific/{verb}_{name}": (f"notific/create_{name}",)
        for verb in ("get", "update", "delete")
        for name in ("service", "operator")
    },
    "zammad/delete_mention": ("zammad/create_ticket", "zammad/create_mention"),
    **{
        f"admin/{name}": ("osticket/create_ticket_json",)
        for name in (
            *("get_ticket", "update_ticket", "delete_ticket", "create_entry", "get_entry_body"),
            *("get_file", "get_person", "update_person"),
        )
    },
    **{
        f"admin/{verb}_ticket": ("osticket/create_ticket_json",) * 2
        for verb in ("link", "unlink", "merge")
    },
    "admin/get_entry_raw": ("osticket/create_ticket_email",),
}
"""What must have been asked for before, so that there is what the example names."""


def event(path: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((events.EVENTS / f"{path}.json").read_text(encoding="utf-8"))
    return read


def logical_id(path: str) -> str:
    return "".join(word.capitalize() for part in path.split("/") for word in part.split("_"))


def emulated(cloud: LocalCloud, path: str, **more: str) -> Emulator:
    """The function with its own environment, and `more`, and AWS where the local cloud is."""
    function = logical_id(path)
    properties = cloud.template.resources[function].properties
    own: Mapping[str, str] = cloud.resources.resolve(properties["Environment"])["Variables"]
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    timeout = min(properties["Timeout"], 60)
    return Emulator(function, {**aws, **own, **more}, properties["MemorySize"], timeout)


def ask(cloud: LocalCloud, path: str, with_event: dict[str, Any] | None = None) -> Any:
    with emulated(cloud, path) as function:
        answer = function.invoke(with_event or event(path))
    sys.stdout.write(function.log)  # for whoever reads why a test failed
    return answer


def test_the_authorizer_verifies_tokens_by_a_layer_of_its_own(cloud: LocalCloud) -> None:
    asked = event("authorizer/authorize")
    token = cloud.sign_in.id_token("ada@desk.example", "key-1")
    asked["headers"] = {"X-API-Key": token}
    with emulated(cloud, "authorizer/authorize", **cloud.sign_in.environment()) as function:
        context = function.invoke(asked)["context"]
    assert (context["key_id"], context["user"]) == ("1", "ada@desk.example")


def items(cloud: LocalCloud, pk: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = boto3.client("dynamodb").query(
        TableName=cloud.resources.physical("DeskTable").ref,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    )["Items"]
    return found


ENDPOINTS = [
    path for path in FUNCTIONS if "httpMethod" in event(path) and "type" not in event(path)
]


def have(cloud: LocalCloud, path: str, with_event: dict[str, Any] | None = None) -> None:
    """Makes what an example needs, by the source: its artefact has a test of its own."""
    answer = cloud.invoke(logical_id(path), with_event or event(path))
    assert answer["statusCode"] in {200, 201}, answer["body"]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_endpoint_answers_its_example(cloud: LocalCloud, path: str) -> None:
    asked = event(path)
    if path.startswith("osticket/") and (asked["pathParameters"] or asked["queryStringParameters"]):
        # The examples name the first ticket and the first file.
        have(cloud, "osticket/create_ticket_json")
    for first in FIRST.get(path, FIRST_OF_ZAMMAD if path.startswith("zammad/") else ()):
        if first != path:
            have(cloud, first)
    if path in {"osticket/link_tickets", "osticket/unlink_ticket"}:
        have(cloud, "osticket/create_ticket_json")
    if path == "osticket/unlink_ticket":
        second_over_first = {
            "pathParameters": {"ref": "2.json"},
            "body": '{"childId": "1"}',
            "isBase64Encoded": False,
        }
        have(cloud, "osticket/link_tickets", event("osticket/link_tickets") | second_over_first)
    answer = ask(cloud, path)
    assert answer["statusCode"] == STATUSES.get(path, 200), answer["body"]


def test_create_leaves_the_ticket_in_the_table_and_get_finds_it(cloud: LocalCloud) -> None:
    number = ask(cloud, "osticket/create_ticket_json")["body"]
    (pointer,) = items(cloud, f"N#{number}")
    ticket = json.loads(ask(cloud, "osticket/get_ticket", get(number))["body"])
    assert ticket["number"] == number
    kept = {item["sk"]["S"][0] for item in items(cloud, f"T#{ticket['id']:010}")}
    assert kept == {"A", "E", "V"}, "the ticket, its entry and its event"
    assert str(ticket["id"]) in json.dumps(pointer)


def get(number: str) -> dict[str, Any]:
    """The example of get_ticket, for this number."""
    example = json.dumps(event("osticket/get_ticket"))
    asked: dict[str, Any] = json.loads(example.replace("1.json", f"{number}.json"))
    return asked


@pytest.mark.parametrize("family", openapi.FAMILIES, ids=lambda family: family.api)
def test_the_explorer_brings_what_its_page_loads(cloud: LocalCloud, family: Family) -> None:
    path = f"{family.folder}/explore"
    for file in ("swagger-ui.css", "swagger-ui-bundle.js", "openapi.json"):
        answer = ask(cloud, path, event(path) | {"pathParameters": {"file": file}})
        assert (answer["statusCode"], len(answer["body"]) > 100_000) == (200, True)


def test_the_gate_lets_the_first_key_in(cloud: LocalCloud) -> None:
    question = json.dumps(event("authorizer/authorize")).replace(events.KEY, KEY)
    verdict = ask(cloud, "authorizer/authorize", json.loads(question))
    assert verdict["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert verdict["context"]["key_id"] == "1"


def test_the_relay_queues_the_event_for_both_consumers(cloud: LocalCloud) -> None:
    assert ask(cloud, "background/relay_events") == {"batchItemFailures": []}
    for queue in ("NotifyQueue", "ProjectQueue"):
        url = cloud.resources.physical(queue).ref
        (message,) = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"]) == events.EVENT_KEY


@pytest.mark.parametrize(
    "path", ["background/notify", "background/project", "background/send_broadcast"]
)
def test_a_consumer_leaves_alone_what_is_gone(cloud: LocalCloud, path: str) -> None:
    assert ask(cloud, path) == {"batchItemFailures": []}


def test_a_move_that_nobody_has_begun_moves_nothing(cloud: LocalCloud) -> None:
    assert ask(cloud, "background/move_messages") == {"moved": 0}


def test_the_index_begins_to_be_made_anew(cloud: LocalCloud) -> None:
    told = ask(cloud, "background/rebuild_index")
    assert told == {"phase": "counting", "done": 0, "of": 0}


def test_nothing_is_left_to_migrate_on_a_new_desk(cloud: LocalCloud) -> None:
    assert ask(cloud, "background/migrate_items")["phase"] in {"people", "done"}


@pytest.mark.parametrize(
    "path",
    [
        "background/mark_overdue",
        "background/record_mail_events",
        "background/redrive_mail",
        "background/requeue_events",
        "background/sweep_files",
    ],
)
def test_a_call_that_nobody_waits_for_comes_to_an_end(cloud: LocalCloud, path: str) -> None:
    assert ask(cloud, path) is None


def test_mail_that_ses_has_put_into_the_bucket_becomes_a_ticket(cloud: LocalCloud) -> None:
    bucket = cloud.resources.physical("FilesBucket").ref
    raw = b"From: ann@example.org\r\nSubject: Printer\r\n\r\nIt burns.\r\n"
    boto3.client("s3").put_object(Bucket=bucket, Key=f"incoming/{events.ID}", Body=raw)
    assert ask(cloud, "background/receive_mail") is None
    assert boto3.client("s3").head_object(Bucket=bucket, Key=f"raw/{events.ID}")


def test_set_up_finds_its_work_done_and_tells_cloudformation(cloud: LocalCloud) -> None:
    keys = len(items(cloud, "KEYS"))
    path = "/local/cloudformation/built"
    ask(
        cloud,
        "background/set_up_desk",
        event("background/set_up_desk") | {"ResponseURL": f"{cloud.url}{path}"},
    )
    assert cloud.custom._responses[path]["Status"] == "SUCCESS"
    assert len(items(cloud, "KEYS")) == keys


def test_every_function_was_asked() -> None:
    others = {
        "authorizer/authorize",
        "background/mark_overdue",
        "background/migrate_items",
        "background/move_messages",
        "background/notify",
        "background/project",
        "background/rebuild_index",
        "background/receive_mail",
        "background/record_mail_events",
        "background/redrive_mail",
        "background/relay_events",
        "background/requeue_events",
        "background/send_broadcast",
        "background/set_up_desk",
        "background/sweep_files",
    }
    assert set(FUNCTIONS) == set(ENDPOINTS) | others


def test_the_emulator_tells_when_a_function_cannot_be_imported() -> None:
    missing = {"PYTHONPATH": str(BUILT / HOST / logical_id("osticket/list_statuses"))}
    function = Emulator(logical_id("osticket/list_statuses"), missing)
    with function, pytest.raises(FunctionError, match="No module named"):
        function.invoke(event("osticket/list_statuses"))


@pytest.mark.parametrize("processor", MACHINES)
@pytest.mark.parametrize(("layers", "most"), [(LAYERS, MOST_ZIPPED), ((TOKENS,), MOST_OF_TOKENS)])
def test_layers_are_small_enough(
    processor: str, layers: tuple[str, ...], most: int, tmp_path: Path
) -> None:
    packed = tmp_path / "layers.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for layer in layers:
            folder = BUILT / processor / layer
            for file in sorted(folder.rglob("*")):
                archive.write(file, f"{layer}/{file.relative_to(folder)}")
    assert packed.stat().st_size < most


@pytest.mark.parametrize("processor", MACHINES)
def test_binaries_are_for_the_processor_they_were_built_for(processor: str) -> None:
    binaries = [file for name in OURS for file in (BUILT / processor / name).rglob("*.so")]
    assert len(binaries) >= 3, "nh3, pydantic-core and cryptography"
    for file in binaries:
        head = file.read_bytes()[:20]
        assert head[:4] == b"\x7fELF"
        assert int.from_bytes(head[18:20], "little") == MACHINES[processor], file


@pytest.mark.parametrize("processor", MACHINES)
def test_layers_bring_bytecode_that_is_never_checked_against_the_source(processor: str) -> None:
    unchecked = 0b01
    for layer in OURS:
        folder = BUILT / processor / layer / "python"
        sources = {file for file in folder.rglob("*.py") if file.read_bytes().strip()}
        assert sources
        for source in sources:
            compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
            assert int.from_bytes(compiled.read_bytes()[4:8], "little") == unchecked, source


def test_a_function_is_its_own_folder_and_nothing_else() -> None:
    for path in FUNCTIONS:
        built = BUILT / HOST / logical_id(path)
        source = ROOT / "functions" / path
        assert {file.name for file in built.iterdir()} == {
            file.name for file in source.iterdir() if file.name != "__pycache__"
        }
