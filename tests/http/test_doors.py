"""Dates, addresses, data URLs and booleans through every door of the desk: 2xx, or a 4xx that names
the field; and what was taken can be read, listed, changed and deleted afterwards.

Ten of each through each door; `pytest --hypothesis-profile=thorough` sends 1,000.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from tests.http.desk import Answer, Desk, Item, ticket
from tests.written import ADDRESSES, BOOLEANS, DATA_URLS, DATES

pytestmark = pytest.mark.exhaustive

EXAMPLES = max(10, settings().max_examples // 1000 * 1000)
"""Ten values, since each goes over HTTP; as many as a profile says that looks for longer."""

QUIET = {"alert": False, "autorespond": False}


@dataclass(frozen=True)
class Door:
    """Where values come in.

    `send` sends one value, given the ticket that is there already; it tells the answer and where
    what was made or changed can be read. A refusal holds one of `named`.
    """

    name: str
    values: SearchStrategy[object]
    named: tuple[str, ...]
    send: Callable[[Desk, str, object], tuple[Answer, str]]


def create_json(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        body = {**ticket(), **QUIET, field: value}
        if field == "file":
            body["attachments"] = [{"a.txt": body.pop("file")}]
        answer = desk.call("POST", "/api/tickets.json", body)
        return answer, f"tickets/{answer.text}"

    return send


def create_xml(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        # What is no character of XML cannot be sent by it.
        said = "".join(letter for letter in str(value) if letter.isprintable() or letter == "\n")
        values = {**ticket(), "alert": "false", "autorespond": "false", field: said}
        inner = "".join(
            f'<attachments><file name="a.txt">{escape(text)}</file></attachments>'
            if name == "file"
            else f"<{name}>{escape(text)}</{name}>"
            for name, text in values.items()
        )
        answer = desk.call("POST", "/api/tickets.xml", raw=f"<ticket>{inner}</ticket>".encode())
        return answer, f"tickets/{answer.text}"

    return send


def create_v1(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        answer = desk.call("POST", "/api/v1/tickets.php", {**ticket(), field: value})
        number = answer.json.get("number") if answer.status < 300 else None
        return answer, f"tickets/{number}"

    return send


def update(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        number = desk.open(**QUIET)
        body = {"note": "n", field: value}
        if field == "file":
            body = {"note": "n", "attachments": [{"a.txt": value}]}
        answer = desk.call("PATCH", f"/api/tickets-update.php/{number}.json", body)
        return answer, f"tickets/{number}"

    return send


def reply(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        number = desk.open(**QUIET)
        body = {"message": "m", "staffId": "ann", field: value}
        if field == "file":
            body["attachments"] = [{"a.txt": body.pop("file")}]
        answer = desk.call("POST", f"/api/tickets-reply.php/{number}.json", body)
        return answer, f"tickets/{number}"

    return send


def row(kind: str, field: str, /, **others: object) -> Callable[..., tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        told = {name: once if text == "ONCE" else text for name, text in others.items()}
        answer = desk.call("POST", f"/api/admin/{kind}", {**told, field: value})
        made = answer.json["id"] if answer.status < 300 else ""
        return answer, f"{kind}/{made}"

    return send


def mail(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        said = " ".join(str(value).split())
        headers = {
            "From": "Jane <jane@customer.example>",
            "To": "support@desk.example",
            "Subject": "Printer",
            "Date": "Sat, 31 Jan 2026 10:11:12 +0100",
            "Message-ID": f"<{once}@customer.example>",
            field: said,
        }
        raw = "".join(f"{name}: {text}\r\n" for name, text in headers.items()) + "\r\nIt burns.\r\n"
        answer = desk.call("POST", "/api/tickets.email", raw=raw.encode())
        return answer, f"tickets/{answer.text}"

    return send


# What osTicket says of an address it does not take (docs/osticket.md, row 8).
ADDRESS = ("email", "Email", "Incomplete client information")
CUSTOM = {"name": "ONCE", "label": "Custom"}
PERSON = {"name": "Max", "username": "ONCE"}
DOORS = [
    Door("json, due", DATES, ("duedate",), create_json("duedate")),
    Door("json, custom date", DATES, ("Born",), create_json("born")),
    Door("json, address", ADDRESSES, ADDRESS, create_json("email")),
    Door("json, message", DATA_URLS, ("message", "Message"), create_json("message")),
    Door("json, file", DATA_URLS, ("a.txt",), create_json("file")),
    Door("json, alert", BOOLEANS, ("alert",), create_json("alert")),
    Door("json, autorespond", BOOLEANS, ("autorespond",), create_json("autorespond")),
    Door("json, custom yes or no", BOOLEANS, ("Vip",), create_json("vip")),
    Door("xml, due", DATES, ("duedate",), create_xml("duedate")),
    Door("xml, address", ADDRESSES, ADDRESS, create_xml("email")),
    Door("xml, message", DATA_URLS, ("message", "Message"), create_xml("message")),
    Door("xml, file", DATA_URLS, ("a.txt", "attachments"), create_xml("file")),
    Door("xml, alert", BOOLEANS, ("alert",), create_xml("alert")),
    Door("v1, address", ADDRESSES, ADDRESS, create_v1("email")),
    Door("v1, message", DATA_URLS, ("message",), create_v1("message")),
    Door("update, due", DATES, ("dueDate", "duedate"), update("dueDate")),
    Door("update, custom date", DATES, ("born", "Born"), update("born")),
    Door("update, custom yes or no", BOOLEANS, ("vip", "Vip"), update("vip")),
    Door("update, file", DATA_URLS, ("a.txt",), update("file")),
    Door("reply, message", DATA_URLS, ("message", "Message"), reply("message")),
    Door("reply, file", DATA_URLS, ("a.txt",), reply("file")),
    Door("reply, alert", BOOLEANS, ("alert",), reply("alert")),
    Door("keys, expires", DATES, ("expires",), row("keys", "expires", name="k")),
    Door("keys, active", BOOLEANS, ("active",), row("keys", "active", name="k")),
    Door(
        "fields, earliest",
        DATES,
        ("earliest",),
        row("fields", "earliest", kind="datetime", form="contact", **CUSTOM),
    ),
    Door("fields, required", BOOLEANS, ("required",), row("fields", "required", **CUSTOM)),
    Door("agents, address", ADDRESSES, ADDRESS, row("agents", "email", **PERSON)),
    Door("mail, date", DATES, ("Date",), mail("Date")),
    Door("mail, address", ADDRESSES, ("From",), mail("From")),
]


def drawn(values: SearchStrategy[object]) -> list[object]:
    """As many values as the profile has examples, the same ones each time."""
    found: list[object] = []

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(values)
    def collect(value: object) -> None:
        found.append(value)

    collect()
    return found


@pytest.fixture(scope="module", autouse=True)
def forms(desk: Desk) -> None:
    for name, kind in (("born", "datetime"), ("vip", "boolean")):
        body = {"name": name, "label": name.capitalize(), "kind": kind}
        assert desk.call("POST", "/api/admin/fields", body).status == 201
    desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_whatever_comes_through_a_door_is_taken_whole_or_refused_by_name(
    desk: Desk, door: Door
) -> None:
    wrong: list[tuple[object, str]] = []
    taken: dict[str, object] = {}
    sent = drawn(door.values)
    for number, value in enumerate(sent):
        answer, where = door.send(desk, f"n{number}", value)
        if answer.status < 300:
            taken.setdefault(where, value)
            if where.startswith(("fields/", "agents/")):
                # A field that is required would refuse the tickets of what follows.
                wrong += [(value, said) for said in use(desk, where, None)]
        elif not 400 <= answer.status < 500 or not any(n in answer.text for n in door.named):
            wrong.append((value, f"{answer.status} {answer.text[:150]}"))
    if not used_already(taken):
        listed = everything(desk, next(iter(taken), "tickets/"))
        for where, value in taken.items():
            wrong += [(value, said) for said in use(desk, where, listed)]
    assert not wrong, (len(wrong), wrong[:8])


def used_already(taken: dict[str, object]) -> bool:
    return any(where.startswith(("fields/", "agents/")) for where in taken)


def everything(desk: Desk, where: str) -> set[str]:
    """What the list that holds such things holds."""
    kind = where.partition("/")[0]
    found: set[str] = set()
    if kind == "tickets":
        desk.cloud.drain(retry=True)
        while page := listed(desk, f"/api/tickets-search.php?limit=100&offset={len(found)}"):
            found |= {f"tickets/{one['number']}" for one in page}
        return found
    path: str | None = f"/api/admin/{kind}?limit=100"
    while path:
        answer = desk.call("GET", path)
        assert answer.status == 200, answer.text
        found |= {f"{kind}/{one['id']}" for one in answer.json["items"]}
        after = answer.json["next"]
        path = f"/api/admin/{kind}?limit=100&next={after}" if after else None
    return found


def listed(desk: Desk, path: str) -> list[Item]:
    answer = desk.call("GET", path)
    assert answer.status == 200, answer.text
    page: list[Item] = answer.json
    return page


def use(desk: Desk, where: str, known: set[str] | None) -> list[str]:
    """Reads, finds, changes and deletes what was made; what of it did not work."""
    kind, _, name = where.partition("/")
    if where not in (everything(desk, where) if known is None else known):
        return ["not listed"]
    if kind == "tickets":
        calls = [
            ("GET", f"/api/tickets-get.php/{name}.json", None),
            ("GET", f"/api/tickets-get.php/{name}.xml", None),
            ("PATCH", f"/api/tickets-update.php/{name}.json", {"subject": "Changed", "note": "n"}),
            ("DELETE", f"/api/tickets-delete.php/{name}.json", None),
        ]
    else:
        path = f"/api/admin/{kind}/{name}"
        change = {"label": "Changed"} if kind == "fields" else {"name": "Changed"}
        calls = [("GET", path, None), ("PATCH", path, change), ("DELETE", path, None)]
    answers = [(method, desk.call(method, path, body)) for method, path, body in calls]
    return [
        f"{method}: {answer.status} {json.dumps(answer.text[:150])}"
        for method, answer in answers
        if answer.status >= 300
    ]
