"""Every request on Notific's API page, sent as printed, and the page's statements about them,
sentence by sentence, in JSON and XML.

seed/ has the requests byte for byte: a request line, one of them with its header. REPLACED lists
all replacements in them: a desk's first ticket has the printed Id.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from helpdesk.catalogue import cache
from local.cloud import LocalCloud
from local.snapshot import Snapshot
from local.testing import KEY
from tests.http.desk import Answer, Desk
from tests.http.notific.client import TYPES, Notific, Told, Values, of_xml, to_xml
from tests.http.notific.outbox import Outbox

SEED = Path(__file__).parent / "seed"

PRINTED_KEY = "d5XNMpburJBfJVJd"

NOON, ONE, TWO = (f"2001-01-01T{hour}:00:00Z" for hour in (12, 13, 14))
"""`new DateTime(2001, 1, 1, 12, 0, 0, DateTimeKind.Utc)`, and the hours after it."""

TICKET: Values = {"Title": "No VPN", "Description": "Down.", "StartTime": NOON}


@pytest.fixture(scope="module")
def begun(cloud: LocalCloud) -> Iterator[tuple[Desk, Snapshot]]:
    """A desk whose only ticket has the printed Id."""
    with Desk(cloud, KEY) as desk:
        assert Notific(desk, "json").make("Tickets", **TICKET, DoNotSendEmail=True)["Id"] == 1
        cloud.drain(retry=True)
        yield desk, Snapshot()


@pytest.fixture
def desk(begun: tuple[Desk, Snapshot]) -> Desk:
    """The desk, without what other tests have done."""
    desk, state = begun
    desk.cloud.reset(state.restore)
    cache.forget()
    return desk


# --- the printed requests -------------------------------------------------------------------

EXAMPLES = {
    "list.http": ("GET /api/Tickets", 200),
    "show.http": ("GET /api/Tickets/{id}", 200),
    "create.http": ("POST /api/Tickets", 201),
    "update.http": ("PUT /api/Tickets/{id}", 200),
    "delete.http": ("DELETE /api/Tickets/{id}", 200),
    "accept.http": ("GET /api/Tickets", 200),
}
"""The printed requests, with their endpoints, and what they are answered with."""


def replaced(desk: Desk) -> dict[str, str]:
    """What is printed, and what stands for it: a key of this desk, and its host."""
    return {PRINTED_KEY: desk.key, "http://server": desk.cloud.url}


def send(desk: Desk, file: str, key: str, notific: Notific, values: Values | None = None) -> Told:
    """A printed request, with a body where it needs one, as it goes over the wire."""
    text = (SEED / file).read_text("utf-8").strip()
    for printed, real in {**replaced(desk), PRINTED_KEY: key}.items():
        text = text.replace(printed, real)
    line, *headers = text.split("\n")
    line = line if line.endswith("HTTP/1.1") else f"{line} HTTP/1.1"
    kind = TYPES[notific.format]
    body = b""
    if values is not None:
        xml = notific.format == "xml"
        body = to_xml("Ticket", values) if xml else json.dumps(values).encode()
    headers = headers or [f"Accept: {kind}"]
    headers += [f"Host: 127.0.0.1:{desk.cloud.port}", "Connection: close"]
    headers += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if body else []
    with socket.create_connection(("127.0.0.1", desk.cloud.port), timeout=60) as connection:
        connection.sendall("\r\n".join([line, *headers, "", ""]).encode() + body)
        response = HTTPResponse(connection, method=line.partition(" ")[0])
        response.begin()
        answer = Answer.read(response)
    said = of_xml(ET.fromstring(answer.body)) if "xml" in answer.type else answer.json  # noqa: S314
    return Told(answer.status, said, answer)


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, marks=pytest.mark.contract(of)) for file, (of, _) in EXAMPLES.items()],
)
def test_a_printed_request_works(notific: Notific, file: str) -> None:
    desk, (_, status) = notific.desk, EXAMPLES[file]
    stored = notific.get("Tickets/1")
    values = {"create.http": TICKET, "update.http": {**stored, "Description": "Back."}}.get(file)
    told = send(desk, file, desk.key, notific, values)
    assert told.status == status, told.said
    # Where both are accepted it is JSON.
    kind = TYPES["json"] if file == "accept.http" else TYPES[notific.format]
    assert told.answer.type == f"{kind}; charset=utf-8"
    if file in {"list.http", "accept.http"}:
        assert told.said == [stored]
    elif file in {"show.http", "delete.http"}:
        assert told.said == stored
    else:
        assert told.said == notific.get(f"Tickets/{told.said['Id']}")
        assert told.said["Description"] == ("Back." if values != TICKET else "Down.")
    assert (notific.ask("GET", "Tickets/1").status == 404) == (file == "delete.http")


@pytest.mark.parametrize("file", EXAMPLES)
def test_the_printed_key_is_no_key_of_this_desk(notific: Notific, file: str) -> None:
    told = send(notific.desk, file, PRINTED_KEY, notific)
    denied = "Authorization has been denied for this request."
    assert (told.status, told.said) == (401, {"Message": denied})


def test_every_request_is_replayed_and_every_replacement_needed(desk: Desk) -> None:
    assert {file.name for file in SEED.iterdir()} == set(EXAMPLES)
    texts = [file.read_text("utf-8") for file in SEED.iterdir()]
    assert [one for one in replaced(desk) if not any(one in text for text in texts)] == []


# --- what the page says ---------------------------------------------------------------------


@pytest.mark.contract("POST /api/Tickets")
def test_all_time_transferred_in_and_out_is_utc(notific: Notific) -> None:
    made = notific.make("Tickets", **{**TICKET, "EndTime": "2001-01-01T14:00:00+01:00"})
    assert (made["StartTime"], made["EndTime"]) == (NOON, ONE)


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_the_id_is_supplied_in_the_url_and_in_the_entity(notific: Notific) -> None:
    stored = notific.get("Tickets/1")
    without = {name: value for name, value in stored.items() if name != "Id"}
    for values in (without, {**stored, "Id": 2}):
        told = send(notific.desk, "update.http", notific.desk.key, notific, values)
        assert list(told.wrong) == ["ticket.Id"]
    assert notific.get("Tickets/1") == stored


@pytest.mark.contract("PUT /api/Customers/{id}")
def test_a_customer_whose_address_changes_needs_phone_and_services_again(notific: Notific) -> None:
    vpn = notific.make("Services", Name="VPN")["Id"]
    old = {"Name": "Ada", "Email": "ada@old.example", "CellPhone": "+1 555", "Services": [vpn]}
    made = notific.make("Customers", **old)
    kept = notific.put("Customers", {**made, "Email": "ada@new.example"})
    assert kept == {**made, "Email": "ada@new.example"}
    number, name = made["Id"], made["Name"]
    erased = notific.put("Customers", {"Id": number, "Name": name, "Email": "ada@third.example"})
    assert (erased["CellPhone"], erased["Services"]) == (None, [])


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_only_some_of_a_ticket_s_properties_are_updated(notific: Notific) -> None:
    stored = notific.get("Tickets/1")
    taken = {
        "Description": "Worse.",
        "StartTime": ONE,
        "EndTime": TWO,
        "ExpectedResolutionTime": TWO,
        "NextUpdateTime": TWO,
    }
    vpn = notific.make("Services", Name="VPN")["Id"]
    other = {"Title": "x", "Services": [vpn], "OperatorId": 3, "CustomerId": 9, "Number": "1"}
    changed = notific.put("Tickets", {**stored, **taken, **other, "Status": "Closed"})
    assert changed == {**stored, **taken, "UpdatedTime": changed["UpdatedTime"]}


@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_closing_reopening_and_mail(notific: Notific) -> None:
    vpn = notific.make("Services", Name="VPN")["Id"]
    notific.make("Customers", Name="Ada", Email="ada@seed.example", Services=[vpn])
    box = Outbox(notific.desk, "ada@seed.example")
    ticket = notific.make("Tickets", **TICKET, Services=[vpn])
    assert box.new() == ["ada"]
    ticket = notific.put("Tickets", ticket, NextUpdateTime=TWO)
    assert box.new() == ["ada"]
    ticket = notific.put("Tickets", ticket, ClosedTime=ONE)
    assert (ticket["Status"], box.new()) == ("Closed", ["ada"])
    ticket = notific.put("Tickets", ticket, ReopenedTime=TWO)
    assert (ticket["Status"], box.new()) == ("Open", ["ada"])
    ticket = notific.put("Tickets", ticket, ClosedTime=TWO, DoNotSendEmail=True)
    assert (ticket["Status"], box.new()) == ("Closed", [])
