"""A desk with healthy items of every kind, and damaged copies of all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from local.cloud import LocalCloud
from tests.http.conversation import ROWS
from tests.http.damaged_cases import ARTICLE, KINDS, LINK, NEW, unique_row
from tests.http.desk import Desk
from tests.http.ruin import Ruin

SUPPORT = "support@desk.example"

TICKETS = ("ticket", "number", "below", "child", "zammad ticket", "notice")
"""Nouns that stand for a ticket."""


class House:
    """A desk with something healthy of each noun, and a damaged copy of everything beside it."""

    def __init__(self, cloud: LocalCloud, desk: Desk) -> None:
        self.cloud = cloud
        self.desk = desk
        self._unique = count(1)
        self.healthy: dict[str, object] = {}
        self.damaged: Mapping[str, list[object]] = {}
        self._furnish()
        cloud.drain(retry=True)
        self.ruin = ruin = Ruin(cloud, desk)
        ruin.everything()
        tickets: list[object] = [*ruin.tickets]
        entries: list[object] = [*ruin.ids["T E"]]
        files: list[object] = [*ruin.ids["F"]]
        self.damaged = {
            **dict.fromkeys(TICKETS, tickets),
            **dict.fromkeys(("article", "mailed", "zammad article"), entries),
            **dict.fromkeys(("file", "zammad file"), files),
            "person": [*ruin.ids["U"]],
            "customer": [*ruin.ids["U"]],
            "organization": [*ruin.ids["O"]],
            "mention": [*ruin.ids["MN"], *ruin.ids["T U"]],
            "accounting": [*ruin.ids["T W"]],
            "tag": [*ruin.ids["TAG"]],
            "key": [*ruin.keys],
            "address": [*ruin.addresses],
            "held": [*ruin.held],
            "mail": [*ruin.mails],
            **{kind: [n for of, n in ruin.rows if of == kind] for kind in KINDS},
            "state": [n for of, n in ruin.rows if of == "statuses"],
            "rank": [n for of, n in ruin.rows if of == "priorities"],
        }

    def ask(self, method: str, path: str, body: object = None, raw: str = "") -> Any:
        answer = self.desk.call(method, path, body, raw=raw.encode() or None)
        assert answer.status in {200, 201}, (method, path, answer.status, answer.text)
        return answer.json if "json" in answer.type else answer.text

    def make(self, noun: str) -> object:
        """Something new and healthy of a noun."""
        one = f"one{next(self._unique)}"
        if noun in ROWS:
            row = json.loads(json.dumps(unique_row(noun)).replace("<unique>", one))
            return self.ask("POST", f"/api/admin/{noun}", row)["id"]
        return _MAKERS[noun](self, one)

    def unique(self) -> str:
        return f"one{next(self._unique)}"

    def _furnish(self) -> None:
        desk, healthy = self.desk, self.healthy
        field = {"name": "born", "label": "Born", "kind": "datetime"}
        self.ask("POST", "/api/admin/fields", field)
        healthy |= dict.fromkeys((*KINDS, "state", "rank"), 1) | {"state": 2, "rank": 2}
        desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")
        for kind in ("agents", "organizations", "services", "fields"):
            healthy[kind] = self.make(kind)
        healthy["organization"] = healthy["organizations"]
        file = {"a.txt": "data:text/plain,hello"}
        number = desk.open(attachments=[file], dueDate="2031-01-01")
        shown = desk.show(number)
        healthy |= {
            "number": number,
            "ticket": shown["id"],
            "article": shown["thread"][0]["id"],
            "file": shown["thread"][0]["attachments"][0]["file_id"],
            "below": desk.open(subject="Toner", parentTicketNumber=number),
            "key": desk.make_key("can_read_tickets", departments=[1])["id"],
            "person": self.make("person"),
        }
        self._furnish_zammad()
        self._furnish_mail()

    def _furnish_zammad(self) -> None:
        person = {"customer_id": self.healthy["person"]}
        made = self.ask(
            "POST", "/api/v1/tickets", {**NEW, **person, "tags": "hot", "article": ARTICLE}
        )
        article = self.ask("GET", f"/api/v1/ticket_articles/{made['article_ids'][0]}")
        self.healthy |= {
            "zammad ticket": made["id"],
            "zammad article": article["id"],
            "zammad file": article["attachments"][0]["id"],
        }
        ticket = self.healthy["ticket"]
        self.ask("POST", "/api/v1/tags/add", {"object": "Ticket", "o_id": ticket, "item": "hot"})
        for link in ("normal", "parent"):
            self.ask(
                "POST",
                "/api/v1/links/add",
                {
                    **LINK,
                    "link_type": link,
                    "link_object_target_value": made["id"],
                    "link_object_source_number": self.healthy["number"],
                },
            )
        for noun in ("mention", "accounting", "tag", "customer", "notice"):
            self.healthy[noun] = self.make(noun)
        self.ask("PUT", f"/api/v1/tickets/{made['id']}", {"title": "Renamed"})
        self.ask("PUT", f"/api/v1/ticket_merge/{self.make('ticket')}/{made['number']}")

    def _furnish_mail(self) -> None:
        """A mail that became a ticket, one that is held, and an address that bounces."""
        number = self.ask("POST", "/api/tickets.email", raw="From: <bob@example.org>\n\nHi")
        shown = self.desk.show(number)
        self.healthy["mailed"] = shown["thread"][0]["id"]
        self.cloud.smtp.verdicts.virus = "FAIL"
        self.cloud.smtp.bring(b"From: eve@example.org\r\n\r\nEvil", "eve@example.org", [SUPPORT])
        self.cloud.drain()
        self.cloud.smtp.clear()
        for noun in ("address", "held"):
            self.healthy[noun] = self.make(noun)
        self.healthy["mail"] = self.ask("GET", "/api/admin/mail?limit=1")["items"][0]["id"]


def _ticket_of(house: House, number: str) -> object:
    return house.desk.show(number)["id"]


def _new_tag(house: House, name: str) -> object:
    house.ask("POST", "/api/v1/tag_list", {"name": name})
    return next(row["id"] for row in house.ask("GET", "/api/v1/tag_list") if row["name"] == name)


def _bounced(house: House) -> object:
    address = "bounce@simulator.amazonses.com"
    house.desk.open(email=address)
    house.cloud.drain(retry=True)
    return address


def _held(house: House, name: str) -> object:
    """A mail of somebody whom the stock settings ban."""
    raw = f"From: test@example.com\r\nSubject: {name}\r\n\r\nHi".encode()
    mail = house.cloud.smtp.bring(raw, "test@example.com", [SUPPORT])
    house.cloud.drain()
    return mail


_MAKERS: Mapping[str, Callable[[House, str], object]] = {
    "number": lambda house, _: house.desk.open(),
    "child": lambda house, _: house.desk.open(),
    "state": lambda house, one: house.ask(
        "POST", "/api/v1/ticket_states", {"name": one, "state_type_id": 2}
    )["id"],
    "rank": lambda house, one: house.ask("POST", "/api/v1/ticket_priorities", {"name": one})["id"],
    "ticket": lambda house, _: _ticket_of(house, house.desk.open()),
    "below": lambda house, _: house.desk.open(parentTicketNumber=house.healthy["number"]),
    "article": lambda house, _: house.ask(
        "POST", "/api/v1/ticket_articles", {"ticket_id": house.healthy["ticket"], **ARTICLE}
    )["id"],
    "person": lambda house, one: house.ask(
        "POST", "/api/v1/users", {"email": f"{one}@zammad.example"}
    )["id"],
    "organization": lambda house, one: house.ask("POST", "/api/v1/organizations", {"name": one})[
        "id"
    ],
    "customer": lambda house, one: house.ask(
        "POST",
        "/api/Customers",
        {"Name": one, "Email": f"{one}@notific.example", "Services": [house.healthy["services"]]},
    )["Id"],
    "notice": lambda house, one: house.ask(
        "POST",
        "/api/Tickets",
        {"Title": one, "Description": "D", "CustomerId": house.healthy["customer"]},
    )["Id"],
    "mention": lambda house, _: house.ask(
        "POST",
        "/api/v1/mentions",
        {"mentionable_type": "Ticket", "mentionable_id": house.make("ticket")},
    )["id"],
    "accounting": lambda house, _: house.ask(
        "POST", f"/api/v1/tickets/{house.healthy['ticket']}/time_accountings", {"time_unit": 1}
    )["id"],
    "tag": _new_tag,
    "key": lambda house, _: house.desk.make_key("can_read_tickets")["id"],
    "address": lambda house, _: _bounced(house),
    "held": _held,
}
"""How something of a noun that is no row of the catalogue is made."""
