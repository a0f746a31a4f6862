"""Customers (docs/notific.md 6): people who subscribe to services."""

from dialects.notific.read import Window
from dialects.notific.refuse import TooLong
from dialects.notific.shapes import Properties, Value
from helpdesk import customers
from helpdesk.catalogue import cache
from helpdesk.customers import NewCustomer
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.people import Person
from helpdesk.people import User

MOST_LISTED = 20_000
"""Most customers in one response: more would not fit."""


def listed(actor: Actor, window: Window) -> list[Properties]:
    """The requested part of the customers, by id.

    Raises:
        TooLong: There are more than fit into one response.
    """
    limit = MOST_LISTED + 1 if window.limit is None else min(window.limit, MOST_LISTED + 1)
    found = customers.list_customers(actor, offset=window.offset, limit=limit)
    if len(found) > MOST_LISTED:
        raise TooLong
    cache.current()
    return [shown(customer) for customer in found]


def found(actor: Actor, number: int) -> Properties:
    """One customer, or any other person with an id shown in a ticket. Errors as `find_customer`."""
    return shown(customers.find_customer(actor, number))


def create(actor: Actor, values: Properties, once: IdempotencyRecord | None) -> Person:
    """Creates a customer. Errors as `create_customer`."""
    return customers.create_customer(actor, _read(values), once)


def update(actor: Actor, number: int, values: Properties) -> Properties:
    """Changes a customer. Errors as `update_customer`."""
    return shown(customers.update_customer(actor, number, _read(values)))


def delete(actor: Actor, number: int) -> Properties:
    """Deletes a customer and returns their last values. Errors as `delete_customer`."""
    cache.current()
    return shown(customers.delete_customer(actor, number))


def shown(user: User) -> dict[str, Value]:
    """A customer's properties, without deleted services."""
    known = cache.seen()
    phone, services = user.phone, list[int]()
    if isinstance(user, Person):
        phone = user.mobile
        services = [one for one in user.services if one in known.services]
    return {
        "Id": user.id,
        "Name": user.name,
        "Email": user.email,
        "CellPhone": phone or None,
        "Services": services,
    }


def _read(values: Properties) -> NewCustomer:
    services = values.get("Services")
    return NewCustomer(
        name=str(values.get("Name") or ""),
        email=str(values.get("Email") or ""),
        mobile=str(values.get("CellPhone") or ""),
        services=tuple(services) if isinstance(services, list) else (),
    )
