"""Setup for tests of broadcasts: services, their subscribers, and tickets that are broadcast."""

from typing import Any

from helpdesk import customers
from helpdesk.customers import NewCustomer
from helpdesk.directory import changes as directory
from helpdesk.model.actor import SYSTEM, THE_DESK, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.storage import table
from helpdesk.storage.keys import Key, ticket_key
from helpdesk.tickets import create

ADMIN = Actor(key=1, permissions=frozenset({"can_manage_directory"}))


class Killed(BaseException):
    """The process is gone."""


def service(name: str = "VPN") -> int:
    return directory.create_row(SYSTEM, "services", {"name": name}).id


def customer(number: int, *services: int) -> int:
    new = NewCustomer(f"C{number}", f"c{number}@example.org", services=services)
    return customers.create_customer(ADMIN, new).id


def opened(*services: int, **values: Any) -> Ticket:
    new = NewTicket(
        requester=NewPerson(""),
        subject="No VPN",
        body=Body(""),
        form=False,
        entry=NewEntry(Body("It is down & <out>."), kind="message"),
        alert=False,
        autorespond=False,
        **{"person": THE_DESK, "tells": True, "services": services, **values},
    )
    return create.open_ticket(ADMIN, new)


def event(ticket: Ticket) -> Key:
    """The latest event that tells subscribers."""
    items = table.query(ticket_key(ticket.id).pk, begins="V#")
    told = [item for item in items if item["kind"] == "broadcast"]
    return max((Key(item["pk"], item["sk"]) for item in told), key=lambda key: key.sk)
