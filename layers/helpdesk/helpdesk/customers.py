"""Customers: people who were entered to be notified about services (docs/notific.md 6).

Every requester is a person; a customer is a person that a caller has created, or turned into one.
Subscriptions are stored in the person and, one item each, under the service, written in one
transaction.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from helpdesk import operations, people, text
from helpdesk.addresses import is_address
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import (
    ChangedUnderYou,
    Conflict,
    Damaged,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
)
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.people import LONGEST_NAME, Person, split_name
from helpdesk.people import User
from helpdesk.storage import person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, person_key, subscription_key
from helpdesk.storage.person_items import folded, holder_key
from helpdesk.storage.reading import readable, reading
from helpdesk.storage.transact import Cancelled, Write

MOST_SERVICES = 45
"""Services that one customer may choose: exchanging all of them fits one transaction."""

LONGEST = {"name": LONGEST_NAME, "email": 254, "mobile": 64}
"""Characters of each text of a customer."""


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A complete description of a customer: empty values overwrite existing ones."""

    name: str
    email: str
    mobile: str = ""
    services: tuple[int, ...] = ()


# --- finding --------------------------------------------------------------------------------


def find_customer(actor: Actor, number: int) -> User:
    """The person with an id, customer or not, or the agent as a person; at most two round trips.

    Raises:
        NotFound: There is none, or the actor may not see it.
    """
    cache.current()
    user = people.find_users([number]).get(number)
    if user is None or not people.may_see(actor, user):
        raise NotFound("customer", number)
    return user


def list_customers(actor: Actor, *, offset: int, limit: int) -> list[Person]:
    """Customers by id, from a place of the list on; a new one is listed within a second.

    Two round trips, and one more for each megabyte of ids. A customer's key lists only its own
    person.
    """
    if actor.customer is not None:
        ids = [actor.customer]
    else:
        listed = (item["s11"] for item in table.query(person_items.CUSTOMERS, index="g11"))
        ids = [int(number) for number in listed if number.isdecimal()]
    keys = [person_key(number) for number in ids[offset : offset + limit]]
    found = table.fetch(keys)
    items = [found[key] for key in keys if key in found and "agent" not in found[key]]
    return [person for person in readable(person_items.as_person, items) if person.customer]


# --- changes --------------------------------------------------------------------------------


def create_customer(
    actor: Actor, new: NewCustomer, once: IdempotencyRecord | None = None
) -> Person:
    """Creates a customer. An existing person with this address who is not a customer becomes one,
    with the same id. Services that they have unsubscribed from are left out.

    Two round trips, and one more to look for the organization of a new person.

    Raises:
        NotAllowed: The key sees only part of the desk.
        Invalid: `name`, `email`, `mobile`, `services` (`unknown`, with the ids): all that is wrong.
        Conflict: `email_taken`.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the person.
    """
    _check_may_change(actor)
    # An impossible address cannot be a key; it is refused below.
    keys = [holder_key(new.email)] if is_address(new.email.strip()) else []
    found, ids = operations.first_round_trip(keys, once=once, ids={"person": 1})
    new = _checked(new, cache.current(found))
    for _ in transact.attempts():
        item = found.get(holder_key(new.email))
        before = person_items.as_person(item) if item else None
        if before is not None and before.customer:
            raise Conflict("email_taken", new.email)
        if before is None:
            person, writes = _made(actor, new, ids["person"])
        else:
            person, writes = _taken_over(actor, before, new)
        event = _event("person_changed" if before else "person_created", actor, before, person)
        try:
            operations.commit(event, writes, once=once, result=person)
        except Cancelled:
            found = table.fetch([holder_key(new.email)])
        else:
            return person
    raise ChangedUnderYou


def update_customer(actor: Actor, number: int, new: NewCustomer) -> Person:
    """Replaces a customer's values; a person who was not a customer becomes one. If nothing
    differs, nothing is written.

    Raises:
        NotAllowed: The key sees only part of the desk.
        Invalid: As `create_customer`, even if there is no such customer.
        NotFound: There is no such person.
        Conflict: `email_taken`.
        ChangedUnderYou: Others kept changing the person.
    """
    _check_may_change(actor)
    found = table.fetch([CATALOGUE_VERSION])
    new = _checked(new, cache.current(found))

    def described(before: Person) -> Person:
        return _described(before, new)

    return _change(actor, number, described)


def delete_customer(actor: Actor, number: int) -> Person:
    """Removes a customer who has no tickets and no key, with their subscriptions; returns them as
    they were. Errors as `people.delete_person`.
    """
    try:
        return people.delete_person(actor, number)
    except NotFound as gone:
        raise NotFound("customer", number) from gone


def unsubscribe(number: int, services: Iterable[int]) -> Person:
    """Ends mail to a person about these services, until they or an admin take it back. The same
    call again changes nothing.

    Raises:
        NotFound: There is no such person.
        ChangedUnderYou: Others kept changing the person.
    """
    left = set(services)

    def without(before: Person) -> Person:
        return replace(
            before,
            services=tuple(one for one in before.services if one not in left),
            unsubscribed=tuple(sorted({*before.unsubscribed, *left})),
        )

    return _change(SYSTEM, number, without)


def resubscribe(number: int, services: Iterable[int]) -> Person:
    """Takes back a person's unsubscriptions from these services.

    Raises:
        NotFound: There is no such person.
        ChangedUnderYou: Others kept changing the person.
    """
    wanted = set(services)

    def again(before: Person) -> Person:
        back = [one for one in before.unsubscribed if one in wanted]
        return replace(
            before,
            services=tuple(dict.fromkeys((*before.services, *back))),
            unsubscribed=tuple(one for one in before.unsubscribed if one not in wanted),
        )

    return _change(SYSTEM, number, again)


def resubscribe_all(actor: Actor, number: int) -> Person:
    """Takes back all unsubscriptions of a person.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such person.
        ChangedUnderYou: Others kept changing the person.
    """
    _check_may_change(actor)
    left = find_customer(actor, number)
    if not isinstance(left, Person):
        raise NotFound("customer", number)
    return resubscribe(number, left.unsubscribed)


def subscribers(service: int) -> Iterator[int]:
    """The ids of a service's subscribers, in order: one round trip for each megabyte. The person's
    item tells whether they still are.
    """

    def person(item: Item) -> int:
        with reading("subscription", item):
            number = int(item["sk"].removeprefix("P#"))
            if subscription_key(service, number).sk != item["sk"]:
                raise ValueError("sk")
        return number

    return readable(person, table.query(subscription_key(service, 0).pk, begins="P#"))


def forget_service(service: int) -> None:
    """Removes a deleted service from all its subscribers. Idempotent; a repeated call continues."""
    for number in subscribers(service):
        # A damaged person has been logged, and must not stop the others.
        with suppress(NotFound, Damaged):
            _change(SYSTEM, number, lambda before: _without(before, service))
        # If the person did not have it, only this item is left.
        transact.write(transact.delete(subscription_key(service, number)))


def _without(before: Person, service: int) -> Person:
    return replace(
        before,
        services=tuple(one for one in before.services if one != service),
        unsubscribed=tuple(one for one in before.unsubscribed if one != service),
    )


# --- how a change is made -------------------------------------------------------------------


def _check_may_change(actor: Actor) -> None:
    # The person is shared with other departments.
    if actor.bound:
        raise NotAllowed("can_manage_directory")


def _checked(new: NewCustomer, known: Catalogue) -> NewCustomer:
    """The description without blanks around its texts.

    Raises:
        Invalid: Everything that is wrong with it.
    """
    new = replace(
        new,
        name=text.one_line(new.name),
        email=new.email.strip(),
        mobile=text.one_line(new.mobile),
        services=tuple(dict.fromkeys(new.services)),
    )
    problems = [Problem(name, "required") for name in ("name", "email") if not getattr(new, name)]
    for name, most in LONGEST.items():
        if len(getattr(new, name)) > most:
            problems.append(Problem(name, "too_long", detail=str(most)))
    if new.email and len(new.email) <= LONGEST["email"] and not is_address(new.email):
        problems.append(Problem("email", "email", detail=new.email))
    if unknown := [one for one in new.services if one not in known.services]:
        problems.append(Problem("services", "unknown", detail=", ".join(map(str, unknown))))
    elif len(new.services) > MOST_SERVICES:
        problems.append(Problem("services", "too_many", detail=str(MOST_SERVICES)))
    if problems:
        raise Invalid(*problems)
    return new


def _made(actor: Actor, new: NewCustomer, number: int) -> tuple[Person, list[Write]]:
    at = now()
    blank = Person(id=number, name="", email="", created=at, updated=at)
    person = replace(
        _described(blank, new),
        organization=people.organization_of(new.email),
        created_by=actor.me,
        updated_by=actor.me,
    )
    return person, person_items.person_writes(person)


def _taken_over(actor: Actor, before: Person, new: NewCustomer) -> tuple[Person, list[Write]]:
    person = _next_version(actor, before, _described(before, new))
    return person, person_items.changed_writes(before, person)


def _described(before: Person, new: NewCustomer) -> Person:
    """A person with the described values, without services they have unsubscribed from."""
    first, last = split_name(new.name)
    if new.name == before.name:
        first, last = before.firstname, before.lastname
    own = person_items.own_login(before)
    return replace(
        before,
        name=new.name,
        firstname=first,
        lastname=last,
        email=new.email,
        login=before.login if own else folded(new.email),
        mobile=new.mobile,
        customer=True,
        services=tuple(one for one in new.services if one not in before.unsubscribed),
    )


def _next_version(actor: Actor, before: Person, after: Person) -> Person:
    return replace(after, updated=now(), updated_by=actor.me, version=before.version + 1)


def _change(actor: Actor, number: int, change: Callable[[Person], Person]) -> Person:
    """Changes a person, with retries on conflicts."""
    for _ in transact.attempts():
        item = table.get(person_key(number))
        if item is None or "agent" in item:
            raise NotFound("customer", number)
        before = person_items.as_person(item)
        after = change(before)
        if after == before:
            return before
        after = _next_version(actor, before, after)
        if folded(after.email) != folded(before.email) and table.get(holder_key(after.email)):
            raise Conflict("email_taken", after.email)
        event = _event("person_changed", actor, before, after)
        try:
            operations.commit(event, person_items.changed_writes(before, after))
        except Cancelled:
            continue
        return after
    raise ChangedUnderYou


def _event(kind: str, actor: Actor, before: Person | None, after: Person) -> Write:
    data: dict[str, Any] = {"person": after.id}
    if before:
        data["fields"] = sorted(
            name for name in _TOLD if getattr(before, name) != getattr(after, name)
        )
        data["gone"] = people.searched_texts(before)
    return history.audit_event(kind, actor, now(), todo=["project"], data=data)


_TOLD = ("name", "email", "mobile", "customer", "services", "unsubscribed")
