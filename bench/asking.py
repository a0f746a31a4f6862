"""How the example event of a function is made to ask for what is measured."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from itertools import count
from typing import Any

from bench import sample
from bench.desk import Event
from helpdesk import mail_secret
from helpdesk.broadcasts.unsubscribing import sign
from helpdesk.catalogue import cache
from helpdesk.customers import NewCustomer, create_customer
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.storage import table
from helpdesk.storage.keys import MAIL_SECRET
from helpdesk.tickets.create import open_ticket
from tools import events

BODY = 1000
"""Characters of the message of a measured create."""

_fresh = count(1)


# --- what is asked --------------------------------------------------------------------------


def body_of_create(requester: Mapping[str, str], characters: int = BODY, **more: Any) -> str:
    """The body of a request that opens a ticket with a message of so many characters.

    It says the same each time, so that two costs differ by what the desk does, not by the words.
    """
    message = sample.text(1, characters) if characters else "-"
    return json.dumps({**requester, "subject": sample.subject(1), "message": message, **more})


def set_body(event: Event, body: str) -> None:
    """Puts a body into an event the way API Gateway does for this API."""
    event["body"] = b64encode(body.encode()).decode() if event["isBase64Encoded"] else body


def create(event: Event, _ticket: tuple[int, str]) -> None:
    """From somebody whom the desk knows."""
    set_body(event, body_of_create(sample.person(0)))


def create_from_new_person(event: Event, _ticket: tuple[int, str]) -> None:
    """From somebody whom it does not know."""
    set_body(event, body_of_create(sample.person(1_000_000 + next(_fresh))))


def create_with_file(event: Event, _ticket: tuple[int, str]) -> None:
    """With one small attachment, and a message that is too long for its item."""
    content = b64encode(sample.text(1, 2000).encode()).decode()
    files = [{"notes.txt": f"data:text/plain;base64,{content}"}]
    set_body(event, body_of_create(sample.person(0), 40_000, attachments=files))


def create_once(event: Event, ticket: tuple[int, str]) -> None:
    """With an Idempotency-Key."""
    create(event, ticket)
    event["headers"]["Idempotency-Key"] = f"bench-{next(_fresh)}"


def get_by_number(event: Event, ticket: tuple[int, str]) -> None:
    """A ticket by its number."""
    event["pathParameters"] = {"ref": f"{ticket[1]}.json"}


def get_by_id(event: Event, ticket: tuple[int, str]) -> None:
    """A ticket by its id."""
    event["pathParameters"] = {"ref": f"{ticket[0]}.json"}


def update(event: Event, ref: object, values: Mapping[str, Any]) -> None:
    """A ticket gets these values; so do the others, each of which was opened for it."""
    event["pathParameters"] = {"ref": f"{ref}.json"}
    set_body(event, json.dumps(values))


CLOSED = {"statusId": "Closed", "departmentId": "Sales", "priority": "High"}
"""A change of a ticket that moves it in all lists."""


def close_by_number(event: Event, _ticket: tuple[int, str]) -> None:
    """Closed, moved to another department, with another priority."""
    update(event, opened().number, CLOSED)


def close_by_id(event: Event, _ticket: tuple[int, str]) -> None:
    """The same by id, as a client does that listed tickets before."""
    update(event, opened().id, CLOSED)


def add_note(event: Event, _ticket: tuple[int, str]) -> None:
    """A note and nothing else."""
    update(event, opened().number, {"note": sample.text(1, BODY), "noteFormat": "text"})


def link(event: Event, ticket: tuple[int, str]) -> None:
    """A ticket under one that is under none."""
    event["pathParameters"] = {"ref": f"{ticket[1]}.json"}
    set_body(event, json.dumps({"childId": opened().number}))


def unlink(event: Event, ticket: tuple[int, str]) -> None:
    """A ticket from under its parent."""
    event["pathParameters"] = {"ref": f"{opened(ticket[0]).number}.json"}


def delete(event: Event, _ticket: tuple[int, str]) -> None:
    """A ticket of its own: the others are still asked for."""
    event["pathParameters"] = {"ref": f"{opened().number}.json"}


def opened(*parent: int) -> Ticket:
    """A new ticket that no other request has changed."""
    known, body = sample.person(0), Body("Like the others.")
    requester = NewPerson(known["email"], known["name"])
    return open_ticket(SYSTEM, NewTicket(requester, sample.subject(1), body, parent=parent))


# --- what is asked of Zammad's API ----------------------------------------------------------


def zammad_create(event: Event, _ticket: tuple[int, str]) -> None:
    """From somebody whom the desk knows, as zammad-py's users do it."""
    article = {"subject": sample.subject(1), "body": sample.text(1, BODY), "type": "note"}
    who = f"guess:{sample.person(0)['email']}"
    body = {"title": sample.subject(1), "group": "Users", "customer_id": who}
    set_body(event, json.dumps({**body, "article": article}))


def zammad_show(event: Event, ticket: tuple[int, str]) -> None:
    """A ticket by its id."""
    event["pathParameters"] = {"id": str(ticket[0])}


def zammad_show_names(event: Event, ticket: tuple[int, str]) -> None:
    """With the names of what it refers to."""
    zammad_show(event, ticket)
    event["queryStringParameters"] = {"expand": "true"}
    event["multiValueQueryStringParameters"] = {"expand": ["true"]}


def zammad_close(event: Event, _ticket: tuple[int, str]) -> None:
    """Closed, moved to another department, with another priority."""
    event["pathParameters"] = {"id": str(opened().id)}
    set_body(event, json.dumps({"state": "closed", "group": "Sales", "priority": "3 high"}))


def zammad_answer(event: Event, _ticket: tuple[int, str]) -> None:
    """A note and nothing else."""
    body = {"ticket_id": opened().id, "body": sample.text(1, BODY), "internal": True}
    set_body(event, json.dumps(body))


# --- what is asked of Notific's API ---------------------------------------------------------


def service() -> int:
    """The id of the service that tickets are about."""
    rows = cache.current().services.values()
    return next(row.id for row in rows if row.name == sample.SERVICE)


def put_body(event: Event, number: int, **values: object) -> None:
    """Lets an event ask for an entity to be replaced."""
    event["pathParameters"] = {"id": str(number)}
    set_body(event, json.dumps({"Id": number, **values}))


def notific_ticket(characters: int = BODY) -> dict[str, object]:
    """The body of a ticket about a service."""
    text = sample.text(1, characters)
    times = {"StartTime": "2031-01-01T12:00:00Z", "NextUpdateTime": "2031-01-01T13:00:00Z"}
    return {"Title": sample.subject(1), "Description": text, "Services": [service()], **times}


def notific_create(event: Event, _ticket: tuple[int, str]) -> None:
    """About a service, whose subscribers are told."""
    set_body(event, json.dumps(notific_ticket()))


def notific_show(event: Event, ticket: tuple[int, str]) -> None:
    """A ticket by its id."""
    event["pathParameters"] = {"id": str(ticket[0])}


def notific_list(event: Event, _ticket: tuple[int, str]) -> None:
    """The first twenty tickets."""
    event["queryStringParameters"] = {"$top": "20"}


def notific_close(event: Event, _ticket: tuple[int, str]) -> None:
    """With another description and times, and over."""
    closed = {**notific_ticket(), "ClosedTime": "2031-01-01T13:00:00Z"}
    put_body(event, opened().id, **closed)


def notific_subscribe(event: Event, _ticket: tuple[int, str]) -> None:
    """Somebody whom the desk does not know."""
    who = sample.person(3_000_000 + next(_fresh))
    set_body(event, json.dumps({**named(who), "Services": [service()]}))


def notific_change(event: Event, _ticket: tuple[int, str]) -> None:
    """Somebody who chooses another service."""
    who = sample.person(3_000_000 + next(_fresh))
    made = create_customer(SYSTEM, NewCustomer(who["name"], who["email"]))
    put_body(event, made.id, **named(who), Services=[service()])


def named(who: Mapping[str, str]) -> dict[str, object]:
    """A person as Notific's customer."""
    return {"Name": who["name"], "Email": who["email"]}


def subscribe(count: int) -> None:
    """So many more people choose the service."""
    for _ in range(count):
        who = sample.person(3_000_000 + next(_fresh))
        create_customer(SYSTEM, NewCustomer(who["name"], who["email"], services=(service(),)))


def unsubscribed(event: Event, _ticket: tuple[int, str]) -> None:
    """A click on the link of a mail."""
    who = sample.person(3_000_000 + next(_fresh))
    new = NewCustomer(who["name"], who["email"], services=(service(),))
    made = create_customer(SYSTEM, new)
    secret = mail_secret.current(table.fetch([MAIL_SECRET]))
    event["queryStringParameters"] = {"token": sign(made.id, made.services, secret)}
    set_body(event, "List-Unsubscribe=One-Click")


def as_it_is(event: Event, _ticket: tuple[int, str]) -> None:
    """The example itself."""
    assert event


def with_first_key(event: Event, _ticket: tuple[int, str]) -> None:
    """A question of the gateway about the key that may do everything."""
    assert event["headers"]["X-API-Key"] == events.KEY
