"""Who asks, what switches say and what texts hold, through every door."""

import json
from typing import Any
from xml.sax.saxutils import escape

import pytest

from tests.dialects.osticket.conftest import MINIMAL, Answer, Desk


def xml(values: dict[str, str]) -> bytes:
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    return f"<ticket>{inside}</ticket>".encode()


def create(desk: Desk, door: str, **values: Any) -> Answer:
    body = MINIMAL | values
    if door == "xml":
        return desk.call("POST", "/api/tickets.xml", raw=xml(body))
    return desk.call("POST", "/api/v1/tickets.php" if door == "v1" else "/api/tickets.json", body)


def number_of(answer: Answer) -> str:
    assert answer.status == 201, answer.text
    return str(json.loads(answer.text)["number"]) if answer.text[0] == "{" else answer.text


DOORS = pytest.mark.parametrize("door", ["json", "xml", "v1"])


@DOORS
def test_an_address_may_bring_its_name(desk: Desk, door: str) -> None:
    written = "LibreNMS Alerts <LibreNMS@example.org>"
    user = desk.get(number_of(create(desk, door, email=written, name="")))["user"]
    assert user == {"name": "LibreNMS Alerts", "email": "LibreNMS@example.org"}
    # It is looked up without regard to case, and the name that is known stays.
    again = create(desk, door, email="librenms@EXAMPLE.org", name="")
    assert desk.get(number_of(again))["user"] == user


@DOORS
def test_a_name_of_its_own_wins(desk: Desk, door: str) -> None:
    answer = create(desk, door, email="Beside <a@monitor01>", name="Own, Name")
    assert desk.get(number_of(answer))["user"] == {"name": "Own, Name", "email": "a@monitor01"}


@DOORS
@pytest.mark.parametrize("email", ["a@x.example, b@x.example", "a@localhost", "a" * 250 + "@x.de"])
def test_several_addresses_or_none_are_refused(desk: Desk, door: str, email: str) -> None:
    answer = create(desk, door, email=email)
    assert (answer.status, "Incomplete client information" in answer.text) == (400, True)
    assert desk.tickets() == 0


def test_an_address_in_a_list_is_incomplete(desk: Desk) -> None:
    assert desk.failed(email=["a@b.example"]) == "user\nIncomplete client information"


def test_a_name_of_blanks_is_none(desk: Desk) -> None:
    assert "Incomplete client information" in desk.failed(name=" \t ", email="new@example.com")
    assert "Issue Summary is a required field" in desk.failed(subject=" \t ")


# --- booleans -------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["json", "xml"])
@pytest.mark.parametrize("said", ["false", "False", " no ", "off", "0", ""])
def test_text_can_say_no(desk: Desk, door: str, said: str) -> None:
    number = number_of(create(desk, door, alert=said, autorespond=said))
    ((_, data),) = [(kind, data) for kind, data in desk.history(number) if kind == "created"]
    assert (data["alert"], data["autorespond"]) == (False, False)


@pytest.mark.parametrize("said", ["true", "yes", "on", "1", True, 1, None])
def test_what_does_not_say_no_says_yes(desk: Desk, said: object) -> None:
    number = desk.open(alert=said, autorespond=said)
    ((_, data),) = [(kind, data) for kind, data in desk.history(number) if kind == "created"]
    assert (data["alert"], data["autorespond"]) == (True, True)


# --- texts ----------------------------------------------------------------------------------


@DOORS
def test_a_subject_is_plain_text(desk: Desk, door: str) -> None:
    # XML has no control characters.
    subject = "Alert: <web-01> is DOWN &amp; a < b\r\n now" + ("" if door == "xml" else "\x07")
    number = number_of(create(desk, door, subject=subject, name="Jane <Ops>", email="j@x.example"))
    shown = desk.get(number)
    assert shown["subject"] == "Alert: <web-01> is DOWN &amp; a < b now"
    assert shown["user"]["name"] == "Jane <Ops>"


def test_notes_keep_their_tags_and_are_made_safe(desk: Desk) -> None:
    notes = 'Internal <b>note</b><script>alert(1)</script> <a href="javascript:x()">x</a>'
    kept = desk.get(desk.open(email="n@x.example", name="N", notes=notes))["fields"]["notes"]
    assert kept.startswith("Internal <b>note</b>")
    assert "script" not in kept
    plain = desk.open(email="m@x.example", name="M", notes="a < b & c > d")
    assert desk.get(plain)["fields"]["notes"] == "a < b & c > d"
