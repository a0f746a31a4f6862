"""One ticket in every dialect, and which parts of other dialects' tickets only staff see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.notific.client import Notific, Values

NOON, ONE, TWO = (f"2031-01-01T{hour}:00:00Z" for hour in (12, 13, 14))

SECRET = "numbat"
"""Stands in all that only staff may read."""


def zammad(desk: Desk, method: str, path: str, body: object = None) -> Any:
    answer = desk.call(method, f"/api/v1/{path}", body)
    assert answer.status in {200, 201}, answer.text
    return answer.json


def plugin(desk: Desk, number: str, **values: object) -> None:
    answer = desk.call("PATCH", f"/api/tickets-update.php/{number}.json", values)
    assert answer.status == 200, answer.text


def iso(time: str | None) -> str:
    """A time of the plugin's as Notific writes it; empty for none."""
    return f"{time.replace(' ', 'T')}Z" if time else ""


def same(desk: Desk, ticket: Values) -> tuple[Any, Any]:
    """A ticket as the plugin and Zammad show it, after what all three say has been compared."""
    shown = desk.show(ticket["Number"])
    other = zammad(desk, "GET", f"tickets/{ticket['Id']}?expand=true")
    assert (shown["id"], shown["number"]) == (ticket["Id"], ticket["Number"])
    assert (other["id"], other["number"]) == (ticket["Id"], ticket["Number"])
    assert shown["subject"] == other["title"] == ticket["Title"]
    is_open = ticket["Status"] == "Open"
    assert (shown["status"] == "Open") is (other["state"] != "closed") is is_open
    assert (shown["closed"] is None) is is_open
    for mine, theirs in (("created", "CreatedTime"), ("updated", "UpdatedTime")):
        assert iso(shown[mine]) == ticket[theirs]
        assert other[f"{mine}_at"][:19] == ticket[theirs][:19]
    assert iso(shown["duedate"]) == (ticket["ExpectedResolutionTime"] or "")
    assert shown["userId"] == other["customer_id"]
    if ticket["CustomerId"] is not None:
        assert shown["userId"] == ticket["CustomerId"]
    described = [one["body"] for one in shown["thread"] if one["type"] == "message"]
    articles = zammad(desk, "GET", f"ticket_articles/by_ticket/{ticket['Id']}")
    assert ticket["Description"] in described
    assert ticket["Description"] in [one["body"] for one in articles]
    return shown, other


def test_what_notific_writes_is_read_everywhere(notific: Notific, unique: str) -> None:
    desk = notific.desk
    vpn = notific.make("Services", Name=unique)["Id"]
    ada = notific.make("Customers", Name="Ada", Email=f"{unique}@x.example")["Id"]
    operator = notific.make("Operators", Name="Grace", Email=f"{unique}-o@x.example")["Id"]
    made = notific.make(
        "Tickets",
        Title=unique,
        Description="It is down.",
        Services=[vpn],
        CustomerId=ada,
        OperatorId=operator,
        ExpectedResolutionTime=ONE,
        EndTime=TWO,
    )
    shown, other = same(desk, made)
    assert shown["staffId"] == other["owner_id"] == operator
    worse = notific.put("Tickets", made, Description="It is worse.", ExpectedResolutionTime=TWO)
    shown, other = same(desk, worse)
    assert [one["body"] for one in shown["thread"]] == ["It is down.", "It is worse."]
    closed = notific.put("Tickets", worse, ClosedTime=NOON)
    shown, other = same(desk, closed)
    # When it was over is Notific's; the others tell when the desk heard of it.
    assert closed["ClosedTime"] == NOON
    assert other["close_at"][:19] == iso(shown["closed"])[:19] == closed["UpdatedTime"][:19]
    same(desk, notific.put("Tickets", closed, ReopenedTime=ONE))


def test_what_others_write_notific_reads(notific: Notific, unique: str) -> None:
    desk = notific.desk
    vpn, mail = (notific.make("Services", Name=f"{unique} {one}")["Id"] for one in ("a", "b"))
    number = desk.open(subject=unique, message="data:text/html,<p>It <i>burns</i>.</p>")
    ticket = notific.get(f"Tickets/{desk.show(number)['id']}")
    assert (ticket["Description"], ticket["Services"]) == ("It burns.", [])
    plugin(desk, number, services=[vpn], dueDate=NOON, staffId=None)
    ticket = notific.get(f"Tickets/{ticket['Id']}")
    assert (ticket["Services"], ticket["ExpectedResolutionTime"]) == ([vpn], NOON)
    zammad(desk, "PUT", f"tickets/{ticket['Id']}", {"services": [mail], "state": "closed"})
    ticket = notific.get(f"Tickets/{ticket['Id']}")
    assert (ticket["Services"], ticket["Status"]) == ([mail], "Closed")
    other = zammad(desk, "GET", f"tickets/{ticket['Id']}")
    assert other["close_at"][:19] == ticket["ClosedTime"][:19]
    plugin(desk, number, statusId="Open")
    ticket = notific.get(f"Tickets/{ticket['Id']}")
    assert (ticket["Status"], ticket["ClosedTime"]) == ("Open", None)


# --- what stays with staff ------------------------------------------------------------------


@pytest.fixture
def on(desk: Desk) -> Iterator[Desk]:
    """The desk with its status page, and a field that only staff sees."""
    desk.set("settings", status_page=True)
    field = desk.make_row("fields", name="hint", label="Hint", form="ticket", agents_only=True)
    yield desk
    assert desk.call("DELETE", f"/api/admin/fields/{field}").status == 200
    desk.set("settings", status_page=False)


def test_private_text_reaches_nobody(on: Desk, notific: Notific, unique: str) -> None:
    vpn = notific.make("Services", Name=unique)["Id"]
    to = f"{unique}@subscribed.example"
    notific.make("Customers", Name="Ada", Email=to, Services=[vpn])

    # Through the plugin: notes before and after, a field of staff's, a closing that says why.
    number = on.open(subject=unique, message="Public of the plugin.", services=[vpn], hint=SECRET)
    plugin(on, number, note=f"{SECRET} note", hint=f"{SECRET} again")
    plugin(on, number, statusId="Closed", note=f"{SECRET} at the end")
    # Through Zammad: a first article that is internal, and one that was hidden afterwards.
    new = {"title": unique, "group": "Users", "customer_id": f"guess:{unique}@y.example"}
    staff = zammad(
        on,
        "POST",
        "tickets",
        {**new, "services": [vpn], "article": {"body": f"{SECRET} first", "internal": True}},
    )["id"]
    hidden = zammad(
        on, "POST", "tickets", {**new, "article": {"body": f"{SECRET} hidden", "type": "email"}}
    )
    article = {"internal": True}
    zammad(on, "PUT", f"ticket_articles/{hidden['article_ids'][0]}", article)
    zammad(on, "PUT", f"tickets/{hidden['id']}", {"services": [vpn]})
    later = {"ticket_id": hidden["id"], "body": "Public of Zammad.", "sender": "Customer"}
    zammad(on, "POST", "ticket_articles", later)
    for ticket in (staff, hidden["id"]):
        zammad(on, "PUT", f"tickets/{ticket}", {"state": "closed"})
        zammad(on, "PUT", f"tickets/{ticket}", {"state": "open"})
    on.cloud.drain()

    told = {
        "the list": json.dumps(notific.get("Tickets")),
        "the page": on.call("GET", "/status", key=None).text,
        "the feed": on.call("GET", "/status.atom", key=None).text,
    }
    for one in (on.show(number)["id"], staff, hidden["id"]):
        told[f"ticket {one}"] = json.dumps(notific.get(f"Tickets/{one}"))
    mails = [mail for mail in on.cloud.mailbox.mails() if mail.to == to]
    # Opened and closed; opened, closed and opened again; closed and opened again.
    assert len(mails) == 2 + 3 + 2
    told |= {f"mail {n}, {one.subject}": str(one.as_json()) for n, one in enumerate(mails)}
    assert [where for where, text in told.items() if SECRET in text] == []
    # It is there to be seen, and what is public is told.
    assert SECRET in json.dumps(on.show(number))
    assert SECRET in json.dumps(zammad(on, "GET", f"ticket_articles/by_ticket/{staff}"))
    for where in ("the list", "the page", "the feed"):
        assert unique in told[where]
        assert "Public of the plugin." in told[where]
        assert "Public of Zammad." in told[where]
    assert notific.get(f"Tickets/{staff}")["Description"] == ""
