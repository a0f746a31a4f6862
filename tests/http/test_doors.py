"""Dates, addresses, data URLs and booleans as inputs of every endpoint: 2xx, or a 4xx that names
the field; and accepted data can be read, listed, changed and deleted afterwards.

Ten of each for each input. To send 1,000:

    pytest --hypothesis-profile=thorough --timeout=0 -n 2 --dist load tests/http/test_doors.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
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


SHARED = 25
"""Values that one ticket takes: it is read after each, and the rest is the same for all."""


def shared(desk: Desk, once: str) -> str:
    """The number of a ticket that several values go to; `once` ends in the value's number."""
    kept: dict[str, str] = desk.__dict__.setdefault("shared", {})
    door, _, position = once.rpartition("_")
    name = f"{door} {int(position) // SHARED}"
    if name not in kept:
        kept[name] = desk.open(**QUIET)
    return kept[name]


def update(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        number = shared(desk, once)
        body = {"note": "n", field: value}
        if field == "file":
            body = {"note": "n", "attachments": [{"a.txt": value}]}
        answer = desk.call("PATCH", f"/api/tickets-update.php/{number}.json", body)
        return answer, f"tickets/{number}"

    return send


def reply(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        number = shared(desk, once)
        body = {"message": "m", "staffId": "ann", "alert": False, field: value}
        if field == "file":
            body["attachments"] = [{"a.txt": body.pop("file")}]
        answer = desk.call("POST", f"/api/tickets-reply.php/{number}.json", body)
        return answer, f"tickets/{number}"

    return send


NEW = {"title": "Printer", "group": "Support", "customer_id": "guess:jane@customer.example"}
PENDING = {"state": "pending reminder", "pending_time": "2099-01-01T00:00:00Z"}


def zammad_create(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        if field == "guess":
            body: dict[str, Any] = {**NEW, "customer_id": f"guess:{value}"}
        elif field == "customer":
            body = {**NEW, "customer_id": None, "customer": {"email": value, "firstname": "Jo"}}
        else:
            body = {**NEW, **PENDING, field: value}
        answer = desk.call("POST", "/api/v1/tickets", body)
        made = answer.json["id"] if answer.status < 300 else ""
        return answer, f"zammad/{made}"

    return send


def zammad_update(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        number = desk.show(shared(desk, once))["id"]
        answer = desk.call("PUT", f"/api/v1/tickets/{number}", {**PENDING, field: value})
        return answer, f"zammad/{number}"

    return send


def zammad_article(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        number = desk.show(shared(desk, once))["id"]
        body = {"ticket_id": number, "body": "b", field: value}
        if field == "file":
            file = {"filename": "a.txt", "mime-type": "text/plain", "data": body.pop("file")}
            body["attachments"] = [file]
        answer = desk.call("POST", "/api/v1/ticket_articles", body)
        return answer, f"zammad/{number}"

    return send


def zammad_user(field: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, once: str, value: object) -> tuple[Answer, str]:
        body = {"firstname": "Jo", "lastname": once, "login": once, field: value}
        answer = desk.call("POST", "/api/v1/users", body)
        made = answer.json["id"] if answer.status < 300 else ""
        return answer, f"users/{made}"

    return send


def zammad_search(attribute: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        condition = {attribute: {"operator": "before (absolute)", "value": value}}
        answer = desk.call("POST", "/api/v1/tickets/search", {"condition": condition})
        return answer, ""

    return send


def query(name: str) -> Callable[[Desk, str, object], tuple[Answer, str]]:
    def send(desk: Desk, _: str, value: object) -> tuple[Answer, str]:
        text = quote(str(value).encode("utf-8", "replace"), safe="")
        return desk.call("GET", f"/api/tickets-search.php?limit=1&{name}={text}"), ""

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
# A create names fields of the stock form by their ids there (docs/osticket.md 1.3).
MESSAGE = (":21\n", "\n21\n")
# v1 gives the core's words: it names them by their labels (docs/osticket.md 2.3).
LABELLED = ("message", "Issue Details")
CUSTOM = {"name": "ONCE", "label": "Custom"}
PERSON = {"name": "Max", "username": "ONCE"}
DOORS = [
    Door("json, due", DATES, ("duedate",), create_json("duedate")),
    Door("json, custom date", DATES, ("Born",), create_json("born")),
    Door("json, address", ADDRESSES, ADDRESS, create_json("email")),
    Door("json, message", DATA_URLS, MESSAGE, create_json("message")),
    Door("json, file", DATA_URLS, ("a.txt",), create_json("file")),
    Door("json, alert", BOOLEANS, ("alert",), create_json("alert")),
    Door("json, autorespond", BOOLEANS, ("autorespond",), create_json("autorespond")),
    Door("json, custom yes or no", BOOLEANS, ("Vip",), create_json("vip")),
    Door("xml, due", DATES, ("duedate",), create_xml("duedate")),
    Door("xml, address", ADDRESSES, ADDRESS, create_xml("email")),
    Door("xml, message", DATA_URLS, MESSAGE, create_xml("message")),
    Door("xml, file", DATA_URLS, ("a.txt", "attachments"), create_xml("file")),
    Door("xml, alert", BOOLEANS, ("alert",), create_xml("alert")),
    Door("v1, address", ADDRESSES, ADDRESS, create_v1("email")),
    Door("v1, message", DATA_URLS, LABELLED, create_v1("message")),
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
    Door("search, created", DATES, ("created_from",), query("created_from")),
    Door("search, address", ADDRESSES, ("email",), query("email")),
    Door("zammad, customer", ADDRESSES, ("email", "Email"), zammad_create("guess")),
    Door("zammad, new customer", ADDRESSES, ("email", "Email"), zammad_create("customer")),
    Door("zammad, pending", DATES, ("pending_time",), zammad_create("pending_time")),
    Door("zammad, custom date", DATES, ("born", "Born"), zammad_create("born")),
    Door("zammad, custom yes or no", BOOLEANS, ("vip", "Vip"), zammad_create("vip")),
    Door("zammad update, pending", DATES, ("pending_time",), zammad_update("pending_time")),
    Door("zammad update, custom date", DATES, ("born", "Born"), zammad_update("born")),
    Door("zammad article, body", DATA_URLS, ("body",), zammad_article("body")),
    Door("zammad article, file", DATA_URLS, ("attachment",), zammad_article("file")),
    Door("zammad article, internal", BOOLEANS, ("internal",), zammad_article("internal")),
    Door("zammad users, address", ADDRESSES, ("email", "Email"), zammad_user("email")),
    Door("zammad users, active", BOOLEANS, ("active",), zammad_user("active")),
    Door("zammad search, created", DATES, ("created_at",), zammad_search("ticket.created_at")),
    Door("mail, date", DATES, ("Date",), mail("Date")),
    Door("mail, address", ADDRESSES, ("From",), mail("From")),
]


@pytest.fixture(scope="module")
def sent(desk: Desk) -> Mapping[str, list[object]]:
    """The values of each door. Drawn while nothing else happens: what happens in the background is
    left to chance as well, which Hypothesis takes for a strategy's doing.
    """
    with desk.cloud.background.paused():
        known = {kind: drawn(kind) for kind in (DATES, ADDRESSES, DATA_URLS, BOOLEANS)}
    return {door.name: known[door.values] for door in DOORS}


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
    desk: Desk, sent: Mapping[str, list[object]], door: Door
) -> None:
    wrong: list[tuple[object, str]] = []
    taken: dict[str, object] = {}
    for position, value in enumerate(sent[door.name]):
        once = f"{re.sub('[^a-z0-9]+', '_', door.name)}_{position}"
        answer, where = door.send(desk, once, value)
        if answer.status < 300:
            if where.startswith(AT_ONCE):
                wrong += [(value, said) for said in use(desk, where, everything(desk, where))]
            elif where in taken:
                wrong += [(value, said) for said in read(desk, where)]
            elif where:
                taken[where] = value
        elif not 400 <= answer.status < 500 or not any(n in answer.text for n in door.named):
            wrong.append((value, f"{answer.status} {answer.text[:150]}"))
        if position % 100 == 99:
            # moto counts all messages of a queue for each one that comes.
            desk.cloud.drain()
    if taken:
        listed = everything(desk, next(iter(taken)))
        wrong += [(value, "not listed") for where, value in taken.items() if where not in listed]
        for where in unlike(desk, taken):
            wrong += [(taken[where], said) for said in use(desk, where, listed)]
    assert not wrong, (len(wrong), wrong[:8])


AT_ONCE = ("fields/", "agents/")
"""What has to be gone before the next value is sent: a field that is required would refuse it."""


def unlike(desk: Desk, taken: Iterable[str]) -> Iterator[str]:
    """Of tickets that are stored alike but for ids and times, one; of anything else each."""
    ids: dict[str, str] = {}
    contents: dict[str, list[str]] = {}
    for (table, pk, sk), item in desk.stored().items():
        if table == "DeskTable" and pk.startswith("T#") and sk[0] in "AE":
            contents.setdefault(pk, []).append(
                json.dumps({name: item[name] for name in sorted(item.keys() - _OWN)})
            )
            if "number" in item:
                ids[f"tickets/{item['number']['S']}"] = pk
                ids[f"zammad/{item['id']['N']}"] = pk
    seen = set()
    for where in taken:
        alike = str(sorted(contents[ids[where]])) if where in ids else where
        if alike not in seen:
            seen.add(alike)
            yield where


_OWN = frozenset(
    (
        *("pk", "sk", "id", "number", "created", "updated", "entries", "person", "message_id"),
        *("raw", "s1", "s2", "s3", "p6", "files", "from_id", "version"),
    )
)
"""What differs between any two tickets or entries."""


def everything(desk: Desk, where: str) -> set[str]:
    """What the list that holds such things holds."""
    kind = where.partition("/")[0]
    found: set[str] = set()
    if kind in {"tickets", "zammad"}:
        desk.cloud.drain(retry=True)
        count = 0
        while page := listed(desk, f"/api/tickets-search.php?limit=100&offset={count}"):
            count += len(page)
            found |= {f"tickets/{one['number']}" for one in page}
            found |= {f"zammad/{one['id']}" for one in page}
        return found
    if kind == "users":
        number = 1
        while page := listed(desk, f"/api/v1/users?per_page=100&page={number}"):
            number += 1
            found |= {f"users/{one['id']}" for one in page}
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


def read(desk: Desk, where: str) -> list[str]:
    """Reads what was made; what of it did not work."""
    kind, _, name = where.partition("/")
    paths = {
        "tickets": [f"/api/tickets-get.php/{name}.json", f"/api/tickets-get.php/{name}.xml"],
        "zammad": [f"/api/v1/tickets/{name}", f"/api/v1/ticket_articles/by_ticket/{name}"],
        "users": [f"/api/v1/users/{name}"],
    }
    return called(desk, [("GET", path, None) for path in paths.get(kind, [f"/api/admin/{where}"])])


def use(desk: Desk, where: str, known: set[str]) -> list[str]:
    """Reads, finds, changes and deletes what was made; what of it did not work."""
    if where not in known:
        return ["not listed"]
    kind, _, name = where.partition("/")
    path = f"/api/v1/{kind}/{name}" if kind == "users" else f"/api/admin/{where}"
    change: tuple[str, str, object] = ("PATCH", path, {"name": "Changed"})
    if kind == "tickets":
        body = {"subject": "Changed", "note": "n"}
        change = ("PATCH", f"/api/tickets-update.php/{name}.json", body)
        path = f"/api/tickets-delete.php/{name}.json"
    elif kind == "zammad":
        path = f"/api/v1/tickets/{name}"
        change = ("PUT", path, {"title": "Changed"})
    elif kind == "users":
        change = ("PUT", path, {"lastname": "Changed"})
    elif kind == "fields":
        change = ("PATCH", path, {"label": "Changed"})
    return [*read(desk, where), *called(desk, [change, ("DELETE", path, None)])]


def called(desk: Desk, calls: Iterable[tuple[str, str, object]]) -> list[str]:
    answers = [(method, desk.call(method, path, body)) for method, path, body in calls]
    return [
        f"{method}: {answer.status} {json.dumps(answer.text[:150])}"
        for method, answer in answers
        if answer.status >= 300
    ]
