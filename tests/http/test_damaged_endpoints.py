"""Every endpoint of the template, on a desk full of damage.

Healthy items are served. A damaged item that is requested by id is served, refused, or answered as
a fault that is logged by key and kind; there are no unexpected faults. A new endpoint in the
template has no case in `damaged_cases`, and fails.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from helpdesk.catalogue import cache
from local.cloud import LocalCloud
from tests.http.damaged_cases import CASES, KINDS, Case
from tests.http.damaged_desk import House
from tests.http.desk import Answer, Desk
from tests.http.endpoints import endpoints
from tests.http.ruin import SECRET

pytestmark = pytest.mark.exhaustive

MOST_DAMAGED = 6
"""Damaged items that one case is walked with; together the cases meet all of them."""

FAULTS = {"failed", "not done", "mail failed", "unhandled"}
"""What is logged of faults that nobody expects."""


@pytest.fixture(scope="module")
def house(cloud: LocalCloud, desk: Desk) -> House:
    return House(cloud, desk)


# --- the walk -------------------------------------------------------------------------------


@dataclass
class Lines:
    """The log, read on from where it was read before."""

    records: list[logging.LogRecord]
    seen: int = 0

    def new(self) -> list[logging.LogRecord]:
        found = self.records[self.seen :]
        self.seen = len(self.records)
        return found


_NOUN = re.compile(r"<([a-z ]+)(!?)>")


def filled(text: str, values: Mapping[str, object]) -> str:
    """A path, or a body as JSON, with values in place of its nouns; numbers without quotes."""

    def value(found: re.Match[str]) -> str:
        return str(values[found[1]])

    whole = re.sub(r'"<([a-z ]+)!?>"', lambda found: json.dumps(values[found[1]]), text)
    return _NOUN.sub(value, whole)


def walks(house: House, case: Case, turn: int) -> Iterator[tuple[str, dict[str, object]]]:
    """What stands for the nouns of a case: all healthy, then each damaged one among healthy ones.

    Gives the damaged noun, if any, and all values.
    """
    text = f"{case.path} {json.dumps(case.body)}"
    if not case.raw.startswith("<"):
        text += case.raw
    nouns = {found[1]: bool(found[2]) for found in _NOUN.finditer(text)}

    def healthy(*, fresh: bool) -> dict[str, object]:
        return {
            noun: house.unique()
            if noun == "unique"
            else house.make(noun)
            if fresh and new
            else house.healthy.get(noun, 1)
            for noun, new in nouns.items()
        }

    yield "", healthy(fresh=True)
    for noun in nouns:
        damaged = house.damaged.get(noun, [])
        step = max(1, len(damaged) // MOST_DAMAGED)
        for number in damaged[turn % step :: step]:
            yield noun, healthy(fresh=case.fresh) | {noun: number}


def request(house: House, method: str, case: Case, values: Mapping[str, object]) -> Answer:
    body = None if case.body is None else json.loads(filled(json.dumps(case.body), values))
    # Tags of XML look like nouns.
    raw = case.raw if case.raw.startswith("<") else filled(case.raw, values)
    path = filled(case.path, values)
    return house.desk.call(method, path, body, raw=raw.encode() if case.raw else None)


def fault(answer: Answer, case: Case, noun: str, lines: list[logging.LogRecord]) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if b"Traceback" in answer.body:
        return "traceback"
    if bad := [line for line in lines if line.getMessage() in FAULTS]:
        return f"{bad[0].getMessage()}: {vars(bad[0])}"
    if not noun:
        return "" if answer.status in case.statuses else "refused"
    if answer.status >= 500:
        told = [line for line in lines if line.getMessage() == "unreadable"]
        return "" if answer.status == 500 and told else "no word of what is damaged"
    return ""


def test_each_endpoint_of_the_template_has_a_case(cloud: LocalCloud) -> None:
    assert {one.name for one in endpoints(cloud) if not one.refuses} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_an_endpoint_serves_what_is_healthy_and_tells_of_what_is_damaged(
    house: House, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    method, wrong, turn = name.partition(" ")[0], [], [*CASES].index(name)
    lines = Lines(caplog.records)
    for position, case in enumerate(CASES[name]):
        for noun, values in walks(house, case, turn + position):
            lines.new()
            if noun in (*KINDS, "state", "rank"):
                # A damaged row is told of when the catalogue is read.
                cache.forget()
            answer = request(house, method, case, values)
            if said := fault(answer, case, noun, lines.new()):
                wrong.append((case.path, noun, values, answer.status, answer.body[:150], said))
    assert not wrong, (len(wrong), wrong[:6])
    house.cloud.drain(retry=True)
    check_log(caplog)


def check_log(caplog: pytest.LogCaptureFixture) -> None:
    """No fault that nobody expects, and nothing of what was stored."""
    faults = [vars(line) for line in caplog.records if line.getMessage() in FAULTS]
    assert not [(line["msg"], line.get("fault"), line.get("where")) for line in faults]
    for line in caplog.records:
        assert SECRET not in json.dumps({name: str(value) for name, value in vars(line).items()})
