"""Every example in the documentation of Zammad's tickets, sent as printed to a desk that has the
entities it names; the response is compared with the printed one.

seed/ has the examples byte for byte: `.http` is a request line, the rest are bodies and responses.
REPLACED lists all replacements in them, OTHERWISE all differences of the responses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpdesk.catalogue import cache
from local.cloud import LocalCloud
from local.snapshot import Snapshot
from local.testing import KEY
from tests.http.desk import Desk

SEED = Path(__file__).parent / "seed"

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA"
    "60e6kgAAAABJRU5ErkJggg=="
)

REPLACED = (
    # What is printed, the name of what stands for it, and why.
    ("{id}", "id", "a ticket's id"),
    ("[email\xa0protected]", "address", "an address that the page hides"),
    ("content in base64", "base64", "words in place of base64"),
    ('src=\\"\\"', "picture", "a data URI that the page leaves out"),
    ("...\n", "more", "attributes that are not printed"),
    ("},\n]", "end", "a comma that JSON forbids"),
    ("},\n ...\n}", "last", "a comma that JSON forbids"),
)

OTHERWISE = {
    "state_id": "the printed request asks for `open`, the printed answer has `new`",
    "priority_id": "the printed request asks for `3 high`, the printed answer has `2 normal`",
}
"""What a printed answer has and the answer to the printed request cannot have."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

AGENT = ("can_create_tickets", "can_read_tickets", "can_search_tickets", "can_update_tickets")

Names = dict[str, str]


@dataclass(frozen=True)
class Office:
    """A desk with its keys, and the two printed tickets, as they were when they had just come."""

    desk: Desk
    keys: Mapping[str, str]
    tickets: tuple[int, int]
    state: Snapshot


@pytest.fixture(scope="module")
def office(cloud: LocalCloud) -> Iterator[Office]:
    with Desk(cloud, KEY) as desk:
        address = "some.customer@example.com"
        person = created(desk, "users", email=address)["id"]
        agent = desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")
        tickets = tuple(
            created(
                desk,
                "tickets",
                title=title,
                group="Users",
                customer_id=person,
                note="some note",
                state=state,
                article={"body": "What is this?"},
            )["id"]
            for title, state in (("Help me!", "new"), ("Just want to ask for support", "open"))
        )
        # The printed search has the first ticket first: it was changed last.
        answer = desk.call("PUT", f"/api/v1/tickets/{tickets[0]}", {"article": {"body": "x"}})
        assert answer.status == 200
        keys = {
            "ticket.agent": desk.make_key(*AGENT, agent=agent)["key"],
            "ticket.customer": desk.make_key(*AGENT, customer=person)["key"],
            "admin": KEY,
        }
        cloud.drain(retry=True)
        yield Office(desk, keys, (tickets[0], tickets[1]), Snapshot())


def created(desk: Desk, path: str, **values: Any) -> Any:
    answer = desk.call("POST", f"/api/v1/{path}", values)
    assert answer.status == 201, answer.text
    return answer.json


@pytest.fixture
def desk(office: Office) -> Desk:
    """The desk, without what other examples have done."""
    office.desk.cloud.reset(office.state.restore)
    cache.forget()
    return office.desk


# --- the examples ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """A printed request, who sends it, and what is printed as its answer."""

    request: str
    status: int
    answer: str
    body: str = ""
    who: str = "ticket.agent"
    names: bool = False
    """Whether the customer stands in what is not printed: an agent has to name one."""


BOTH = ("ticket.agent", "ticket.customer")
EXAMPLES = (
    *(Example("list.http", 200, "list.json", who=who) for who in BOTH),
    *(Example("search.http", 200, "search.json", who=who) for who in BOTH),
    *(Example("show.http", 200, "show.json", who=who) for who in BOTH),
    *(Example("create.http", 201, "created.json", "create.json", who=who) for who in BOTH),
    *(
        Example("create.http", 201, "created.json", body, who, names=who == "ticket.agent")
        for body in ("create-files.json", "create-inline.json")
        for who in BOTH
    ),
    Example("create.http", 201, "created.json", "create-guess.json"),
    *(
        Example("update.http", 200, "updated.json", body, who)
        for body in ("update.json", "update-files.json", "update-inline.json")
        for who in BOTH
    ),
    Example("delete.http", 200, "deleted.json", who="admin"),
)


def printed(file: str, names: Names) -> str:
    """A file of the seed, with what stands for what it prints."""
    text = (SEED / file).read_text(encoding="utf-8")
    for words, name, _ in reversed(REPLACED):
        if words in text:
            text = text.replace(words, names[name])
    return text


def names_for(example: Example, ticket: int) -> Names:
    customer = '"customer": "some.customer@example.com",' if example.names else ""
    return {
        "id": str(ticket),
        "address": "some.customer@example.com",
        "base64": "Y29udGVudA==",
        "picture": f'src=\\"{PIXEL}\\"',
        "more": f"{customer}\n",
        "end": "}\n]",
        "last": "}\n}",
    }


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda one: f"{one.body or one.request} {one.who}"
)
def test_a_printed_example(desk: Desk, office: Office, example: Example) -> None:
    names = names_for(example, office.tickets[0])
    method, target = printed(example.request, names).split()
    raw = printed(example.body, names).encode() if example.body else None
    answer = desk.call(method, target, raw=raw, key=office.keys[example.who])
    assert answer.status == example.status, answer.text
    asked = json.loads(raw) if raw else {}
    wanted = json.loads(printed(example.answer, {**names, "more": "\n"}))
    found = answer.json
    rows = zip(wanted, found, strict=True) if isinstance(wanted, list) else [(wanted, found)]
    for row, shown in rows:
        assert list(differing(row, shown, asked)) == []
    if example.request == "list.http":
        assert [row["id"] for row in found] == list(office.tickets)


def differing(row: dict[str, Any], shown: dict[str, Any], asked: dict[str, Any]) -> Iterator[str]:
    """What is not as printed: keys that are missing, kinds of values, and values that neither are
    ids of people and tickets nor differ from the request.
    """
    for name, value in row.items():
        found = shown.get(name)
        if type(found) is not type(value):
            yield f"{name}: {found!r} instead of {value!r}"
        elif name.endswith("_at"):
            if not TIME.fullmatch(str(found)):
                yield f"{name}: {found}"
        elif name in OTHERWISE and asked.get(name.removesuffix("_id")):
            wanted = {"open": 2, "3 high": 3}[asked[name.removesuffix("_id")]]
            if found != wanted:
                yield f"{name}: {found} instead of {wanted}"
        elif name not in {"id", "customer_id"} and found != value:
            yield f"{name}: {found!r} instead of {value!r}"


@pytest.mark.parametrize("who", BOTH)
def test_files_and_pictures_are_there(desk: Desk, office: Office, who: str) -> None:
    key, ticket = office.keys[who], office.tickets[0]

    def files(body: str) -> list[str]:
        example = Example("update.http", 200, "updated.json", body, who)
        raw = printed(body, names_for(example, ticket)).encode()
        assert desk.call("PUT", f"/api/v1/tickets/{ticket}", raw=raw, key=key).status == 200
        path = f"/api/v1/ticket_articles/by_ticket/{ticket}"
        article = desk.call("GET", path, key=key).json[-1]
        assert "cid:" not in article["body"]
        return [file["filename"] for file in article["attachments"]]

    assert files("update-files.json") == ["some_file1.txt", "some_file2.txt"]
    assert files("update-inline.json") == ["image1.png"]


@pytest.mark.parametrize("who", BOTH)
def test_only_an_admin_deletes(desk: Desk, office: Office, who: str) -> None:
    answer = desk.call("DELETE", f"/api/v1/tickets/{office.tickets[0]}", key=office.keys[who])
    text = "Not authorized (admin permission required)!"
    assert (answer.status, answer.json["error"]) == (403, text)


def test_every_example_is_replayed_and_every_replacement_needed() -> None:
    used = {name for one in EXAMPLES for name in (one.request, one.body, one.answer)} - {""}
    assert {file.name for file in SEED.iterdir()} == used
    texts = [file.read_text(encoding="utf-8") for file in SEED.iterdir()]
    assert [one for one, _, _ in REPLACED if not any(one in text for text in texts)] == []
