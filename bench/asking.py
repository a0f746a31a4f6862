"""Changes the example event of a function into the request to be measured."""

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
    """The body of a request that opens a ticket with a message of that many characters.

    The text is the same each time, so that costs differ by the desk's work, not by the words.
    """
    message = sample.text(1, characters) if characters else "-"
    return json.dumps({**requester, "subject": sample.subject(1), "message": message, **more})


def set_body(event: Event, body: str) -> None:
    """Puts a body into an event the way API Gateway does for this API."""
    event["body"] = b64encode(body.encode()).decode() if event["isBase64Encoded"] else body


def create(event: Event, _ticket: tuple[int, str]) -> None:
    """Opens a ticket for a known requester."""
    set_body(event, body_of_create(sample.person(0)))


def create_from_new_person(event: Event, _ticket: tuple[int, str]) -> None:
    """Opens a ticket for a new requester."""
    set_body(event, body_of_create(sample.person(1_000_000 + next(_fresh))))


def create_with_file(event: Event, _ticket: tuple[int, str]) -> None:
    """Opens a ticket with one small attachment, and a message that is too long for its item."""
    content = b64encode(sample.text(1, 2000).encode()).decode()
    files = [{"notes.txt": f"data:text/plain;base64,{content}"}]
    set_body(event, body_of_create(sample.person(0), 40_000, attachments=files))


def create_once(event: Event, ticket: tuple[int, str]) -> None:
    """Opens a ticket with an Idempotency-Key."""
    create(event, ticket)
    event["headers"]["Idempotency-Key"] = f"bench-{next(_fresh)}"


def get_by_number(event: Event, ticket: tuple[int, str]) -> None:
    """Requests a ticket by its number."""
    event["pathParameters"] = {"ref": f"{ticket[1]}.json"}


def get_by_id(event: Event, ticket: tuple[int, str]) -> None:
    """Requests a ticket by its id."""
    event["pathParameters"] = {"ref": f"{ticket[0]}.json"}


def update(event: Event, ref: object, values: Mapping[str, Any]) -> None:
    """Sets these values on a ticket."""
    event["pathParameters"] = {"ref": f"{ref}.json"}
    set_body(event, json.dumps(values))


CLOSED = {"statusId": "Closed", "departmentId": "Sales", "priority": "High"}
"""A change that moves the ticket in all lists."""


def close_by_number(event: Event, _ticket: tuple[int, str]) -> None:
    """Closes a ticket, moves it to another department and changes its priority."""
    update(event, opened().number, CLOSED)


def close_by_id(event: Event, _ticket: tuple[int, str]) -> None:
    """The same by id, as a client does after listing tickets."""
    update(event, opened().id, CLOSED)


def add_note(event: Event, _ticket: tuple[int, str]) -> None:
    """Adds a note to a ticket, without other changes."""
    update(event, opened().number, {"note": sample.text(1, BODY), "noteFormat": "text"})


def link(event: Event, ticket: tuple[int, str]) -> None:
    """Puts a ticket under one that has no parent."""
    event["pathParameters"] = {"ref": f"{ticket[1]}.json"}
    set_body(event, json.dumps({"childId": opened().number}))


def unlink(event: Event, ticket: tuple[int, str]) -> None:
    """Removes a ticket from its parent."""
    event["pathParameters"] = {"ref": f"{opened(ticket[0]).number}.json"}


def delete(event: Event, _ticket: tuple[int, str]) -> None:
    """Deletes a new ticket, since other requests need the loaded ones."""
    event["pathParameters"] = {"ref": f"{opened().number}.json"}


def opened(*parent: int) -> Ticket:
    """A new ticket that no other request has changed."""
    known, body = sample.person(0), Body("Like the others.")
    requester = NewPerson(known["email"], known["name"])
    return open_ticket(SYSTEM, NewTicket(requester, sample.subject(1), body, parent=parent))


# --- what is asked of Zammad's API ----------------------------------------------------------


def zammad_create(event: Event, _ticket: tuple[int, str]) -> None:
    """Opens a ticket for a known requester, as users of zammad-py do."""
    article = {"subject": sample.subject(1), "body": sample.text(1, BODY), "type": "note"}
    who = f"guess:{sample.person(0)['email']}"
    body = {"title": sample.subject(1), "group": "Users", "customer_id": who}
    set_body(event, json.dumps({**body, "article": article}))


def zammad_show(event: Event, ticket: tuple[int, str]) -> None:
    """Requests a ticket by its id."""
    event["pathParameters"] = {"id": str(ticket[0])}


def zammad_show_names(event: Event, ticket: tuple[int, str]) -> None:
    """Requests a ticket with the names of referenced rows."""
    zammad_show(event, ticket)
    event["queryStringParameters"] = {"expand": "true"}
    event["multiValueQueryStringParameters"] = {"expand": ["true"]}


def zammad_close(event: Event, _ticket: tuple[int, str]) -> None:
    """Closes a ticket, moves it to another department and changes its priority."""
    event["pathParameters"] = {"id": str(opened().id)}
    set_body(event, json.dumps({"state": "closed", "group": "Sales", "priority": "3 high"}))


def zammad_answer(event: Event, _ticket: tuple[int, str]) -> None:
    """Adds a note to a ticket, without other changes."""
    body = {"ticket_id": opened().id, "body": sample.text(1, BODY), "internal": True}
    set_body(event, json.dumps(body))


# --- what is asked of Notific's API ---------------------------------------------------------


def service() -> int:
    """The id of the service that the tickets refer to."""
    rows = cache.current().services.values()
    return next(row.id for row in rows if row.name == sample.SERVICE)


def put_body(event: Event, number: int, **values: object) -> None:
    """Turns an event into a request that replaces an entity."""
    event["pathParameters"] = {"id": str(number)}
    set_body(event, json.dumps({"Id": number, **values}))


def notific_ticket(characters: int = BODY) -> dict[str, object]:
    """The body of a ticket about a service."""
    text = sample.text(1, characters)
    times = {"StartTime": "2031-01-01T12:00:00Z", "NextUpdateTime": "2031-01-01T13:00:00Z"}
    return {"Title": sample.subject(1), "Description": text, "Services": [service()], **times}


def notific_create(event: Event, _ticket: tuple[int, str]) -> None:
    """Opens a ticket about a service, which is mailed to its subscribers."""
    set_body(event, json.dumps(notific_ticket()))


def notific_show(event: Event, ticket: tuple[int, str]) -> None:
    """Requests a ticket by its id."""
    event["pathParameters"] = {"id": str(ticket[0])}


def notific_list(event: Event, _ticket: tuple[int, str]) -> None:
    """Lists the first twenty tickets."""
    event["queryStringParameters"] = {"$top": "20"}


def notific_close(event: Event, _ticket: tuple[int, str]) -> None:
    """Closes a ticket, with another description and other times."""
    closed = {**notific_ticket(), "ClosedTime": "2031-01-01T13:00:00Z"}
    put_body(event, opened().id, **closed)


def notific_subscribe(event: Event, _ticket: tuple[int, str]) -> None:
    """Adds a customer who is new to the desk."""
    who = sample.person(3_000_000 + next(_fresh))
    set_body(event, json.dumps({**named(who), "Services": [service()]}))


def notific_change(event: Event, _ticket: tuple[int, str]) -> None:
    """Changes a customer's subscription to another service."""
    who = sample.person(3_000_000 + next(_fresh))
    made = create_customer(SYSTEM, NewCustomer(who["name"], who["email"]))
    put_body(event, made.id, **named(who), Services=[service()])


def named(who: Mapping[str, str]) -> dict[str, object]:
    """A person as Notific's customer."""
    return {"Name": who["name"], "Email": who["email"]}


def subscribe(count: int) -> None:
    """Subscribes that many new customers to the service."""
    for _ in range(count):
        who = sample.person(3_000_000 + next(_fresh))
        create_customer(SYSTEM, NewCustomer(who["name"], who["email"], services=(service(),)))


def unsubscribed(event: Event, _ticket: tuple[int, str]) -> None:
    """Follows the unsubscribe link of a mail."""
    who = sample.person(3_000_000 + next(_fresh))
    new = NewCustomer(who["name"], who["email"], services=(service(),))
    made = create_customer(SYSTEM, new)
    secret = mail_secret.current(table.fetch([MAIL_SECRET]))
    event["queryStringParameters"] = {"token": sign(made.id, made.services, secret)}
    set_body(event, "List-Unsubscribe=One-Click")


def as_it_is(event: Event, _ticket: tuple[int, str]) -> None:
    """Sends the example event unchanged."""
    assert event


def with_first_key(event: Event, _ticket: tuple[int, str]) -> None:
    """An authorizer request with the key that has all permissions."""
    assert event["headers"]["X-API-Key"] == events.KEY
