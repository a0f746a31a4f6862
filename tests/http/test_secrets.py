"""No secret and no message body is stored where it does not belong (docs/aws.md m33).

Only their holders know keys, and Secrets Manager knows one; nothing else ever contains one. Message
texts are in tickets and in the mail about them, not in events, queues and logs.
"""

import json
from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.http.conversation import BODIES, Told
from tests.http.traces import clear, readable

pytestmark = pytest.mark.exhaustive
"""The conversation takes 20 seconds."""


def places(told: Told) -> Iterator[tuple[str, str]]:
    """Everything that was kept or sent on, as text, with the name of where."""
    for where, item in told.items.items():
        yield " ".join(where), clear(item)
    for key, data in told.objects.items():
        yield f"object {key}", readable(data)
    for message in told.messages:
        yield f"message {message[:60]}", message
    for value in told.gateway_keys:
        yield "gateway key", value


def holding(told: Told, text: str) -> set[str]:
    return {name for name, content in places(told) if text in content}


def lines(told: Told, text: str) -> list[str]:
    return [line for line in told.log.splitlines() if text in line]


def test_the_conversation_can_be_searched(told: Told) -> None:
    """What is meant to be there is found, so that what is not found is not there."""
    first = told.secrets["the first admin key"]
    assert len(told.secrets) > 10
    assert all(len(secret) > 20 for secret in told.secrets.values())
    assert holding(told, sha256(first.encode()).hexdigest())
    assert {name.split()[0] for name in holding(told, "V#")} >= {"DeskTable", "message", "object"}
    assert any(message.startswith("NotifyDeadLetters") for message in told.messages)
    assert any(message.startswith("FailedCalls") for message in told.messages)
    assert any(key.startswith("aws/lambda/") for key in told.objects)
    assert lines(told, "mail refused")
    assert lines(told, "ValueError")
    assert lines(told, "unknown")


def test_no_key_is_kept_or_logged(told: Told) -> None:
    for name, secret in told.secrets.items():
        assert holding(told, secret) == set(), name
        assert lines(told, secret) == [], name
        assert [mail for mail in told.mails if secret in mail] == [], name


def test_the_secret_that_signs_mail_is_kept_in_its_place_only(told: Told) -> None:
    secret = told.items["DeskTable", "MAIL", "SECRET"]["secret"]["S"]
    assert len(secret) == 64
    assert holding(told, secret) == {"DeskTable MAIL SECRET"}
    assert lines(told, secret) == []
    assert [mail for mail in told.mails if secret in mail] == []


STORED = ("text", "html", "long", "xml", "file", "again", "note")


@pytest.mark.parametrize("name", STORED)
def test_what_people_write_is_in_their_tickets_only(told: Told, name: str) -> None:
    found = holding(told, BODIES[name])
    entries = {place for place in found if place.startswith("DeskTable T#") and " E#" in place}
    # What was uploaded, and an answer that is too long, lie there for a day.
    kept = ("object files/", "object derived/", "object uploads/")
    files = {place for place in found if place.startswith(kept)}
    words = {place for place in found if place.startswith("IndexTable W#")}
    assert entries | files
    assert found == entries | files | words
    assert lines(told, BODIES[name]) == []


def test_what_was_deleted_is_nowhere(told: Told) -> None:
    assert holding(told, BODIES["deleted"]) == set()
    assert lines(told, BODIES["deleted"]) == []


@pytest.mark.parametrize("name", sorted(set(BODIES) - {*STORED, "deleted"}))
def test_what_was_refused_is_nowhere(told: Told, name: str) -> None:
    assert holding(told, BODIES[name]) == set()
    assert lines(told, BODIES[name]) == []
    assert [mail for mail in told.mails if BODIES[name] in mail] == []


def test_events_hold_no_addresses_and_no_subjects(told: Told) -> None:
    for where, item in told.items.items():
        if where[2].startswith("V#"):
            assert "customer.example" not in json.dumps(item)
            assert "Printer" not in json.dumps(item)


def test_no_log_line_holds_an_address(told: Told) -> None:
    assert lines(told, "customer.example") == []
