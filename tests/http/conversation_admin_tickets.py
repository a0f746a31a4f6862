"""The conversation's requests to the admin API about tickets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.cloud import LocalCloud
from tests.http.desk import ticket

PATH = "/api/admin/tickets"


def tickets(ask: Callable[..., Any], cloud: LocalCloud) -> None:
    """Every function of tickets works once, on one with a file and a long body, and one by mail."""
    long = " ".join(f"word{number}" for number in range(9_000))
    picture = '<img src="data:image/png;base64,iVBORw0KGgo=">'
    file = {"a.txt": "data:text/plain,x"}
    new = ticket(message=f"data:text/html,{picture}{long}", attachments=[file])
    number = ask(201, "POST", "/api/tickets.json", new)
    mail = b"From: Ann <ann@admin.example>\r\nSubject: By mail to admins\r\n\r\nWords."
    mailed = ask(201, "POST", "/api/tickets.email", raw=mail)
    cloud.drain()
    for query in ("", "?sort=number", "?sort=created", "?q=printer", "?agent=0&state=open"):
        ask(200, "GET", f"{PATH}{query}")
    shown = ask(200, "GET", f"{PATH}/{number}")
    entry, file = shown["thread"][0], shown["files"][0]
    ask(200, "GET", f"{PATH}/{number}/entries/{entry['id']}/body")
    ask(200, "GET", f"/api/admin/files/{file['id']}")
    came = ask(200, "GET", f"{PATH}/{mailed}")
    ask(200, "GET", f"{PATH}/{mailed}/entries/{came['raw'][0]}/raw")
    changes(ask, number)
    together(ask)
    people(ask)
    ask(200, "GET", "/api/admin/numbers")


def changes(ask: Callable[..., Any], number: str) -> None:
    """An answer and a note, both once; a change, and the end."""
    sent = {"text": "Answered.", "attachments": [{"name": "a.txt", "data": "eA=="}]}
    for where in ("replies", "notes"):
        path = f"{PATH}/{number}/{where}"
        made = ask(201, "POST", path, sent, once=where)
        assert ask(201, "POST", path, sent, once=where) == made
    bad = {**sent, "attachments": [{"name": "a.exe", "data": "eA=="}]}
    ask(422, "POST", f"{PATH}/{number}/notes", bad)
    ask(200, "PATCH", f"{PATH}/{number}", {"due": "2031-01-31T12:00:00Z"})
    ask(200, "DELETE", f"{PATH}/{number}")


def together(ask: Callable[..., Any]) -> None:
    """Two tickets are linked, parted and made one."""
    one, other = (ask(201, "POST", "/api/tickets.json", ticket()) for _ in range(2))
    for kind in ("parent", "normal"):
        ask(
            201,
            "POST",
            f"{PATH}/{one}/links",
            {"kind": kind, "ticket": other},
            once=f"{one} {kind}",
        )
        ask(200, "DELETE", f"{PATH}/{one}/links/{kind}/{other}")
    ask(200, "POST", f"{PATH}/{one}/merge", {"into": other}, once=f"{one} merge")


def people(ask: Callable[..., Any]) -> None:
    """Somebody is found, shown and put into an organization."""
    organization = ask(201, "POST", "/api/admin/organizations", {"name": "Of admins"})["id"]
    ask(200, "GET", "/api/admin/people?limit=1")
    (found,) = ask(200, "GET", "/api/admin/people?q=ann@admin.ex")["items"]
    ask(200, "PATCH", "/api/admin/ban-list", {"add": ["*@spam.example"]})
    path = f"/api/admin/people/{found['id']}"
    ask(200, "PATCH", path, {"organization": organization, "name": "Ann Admin"})
    ask(200, "GET", path)
