"""Persons, their addresses, logins and memberships as items. Conditions on the writes ensure that
an address belongs to one person only.

A person is stored under its id and, in full, under its address (docs/decisions/0002). Attributes
that osTicket does not know are stored only if they differ from the default, so that they add
nothing to the cost of a ticket with a new requester.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from helpdesk.clock import from_iso, to_iso
from helpdesk.errors import Damaged
from helpdesk.model.people import NewPerson, Person, full_name, split_name
from helpdesk.storage import shapes, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    Key,
    address_key,
    customer_key,
    login_key,
    members_of,
    membership_key,
    padded,
    person_key,
    subscription_key,
)
from helpdesk.storage.reading import FAULTS, make, reading
from helpdesk.storage.transact import Write

LISTED, CUSTOMERS = "people", "customers"

_ALWAYS = {"id", "name", "email", "phone", "notes", "organization", "fields", "created"}
_TIMES = {"created", "updated"}

LONGEST_ADDRESS = 320
"""Most characters of an address (RFC 5321); a longer text is no address, and not put into keys."""


def folded(address: str) -> str:
    """The form in which addresses are compared: lower case, including the local part
    (docs/osticket.md 0.2).
    """
    return address.strip().lower()


def address_digest(address: str) -> str:
    """A hash of an address, for keys, which must not contain addresses."""
    return sha256(folded(address).encode()).hexdigest()[:32]


def holder_key(address: str) -> Key:
    """The key of the item that names the person of an address; read in an operation's first
    trip.
    """
    return address_key(folded(address))


def holder_keys(ref: str) -> list[Key]:
    """The keys of the items that name the person of a login or an address; the login comes
    first.
    """
    wanted = folded(ref)
    return [login_key(wanted), holder_key(wanted)] if 0 < len(wanted) <= LONGEST_ADDRESS else []


def new_person(number: int, new: NewPerson, at: datetime) -> list[Write]:
    """The writes that create a person for a requester; they fail if the address or login is
    taken.
    """
    return person_writes(described(number, new, at))


def described(number: int, new: NewPerson, at: datetime) -> Person:
    """The person built from a `NewPerson`."""
    values: dict[str, Any] = {
        "phone": new.phone,
        "notes": new.notes,
        "fields": new.fields,
        "created": at,
        **new.profile,
    }
    # Stored as typed; lookups and comparisons fold it.
    email = new.email.strip()
    first, last = values.pop("firstname", ""), values.pop("lastname", "")
    if not (first or last):
        first, last = split_name(new.name)
    return Person(
        id=number,
        name=new.name or full_name(first, last),
        email=email,
        firstname=first,
        lastname=last,
        **{**values, "login": folded(values.get("login", "")) or folded(email)},
    )


def person_writes(person: Person) -> list[Write]:
    """The writes that create a person."""
    writes = [transact.put_new(person_key(person.id), listed(person))]
    # The address's item holds the whole person, so that creating a ticket needs no second read.
    if person.email:
        writes.append(transact.put_new(holder_key(person.email), as_item(person)))
    if own_login(person):
        writes.append(transact.put_new(login_key(person.login), {"id": person.id}))
    return [
        *writes,
        *(_membership(person.id, number) for number in person.organizations),
        *_told(replace(person, customer=False, services=()), person),
    ]


def changed_writes(before: Person, after: Person) -> list[Write]:
    """The writes that replace a version of a person; the first fails if the person was changed
    since. A new address or login must not be taken.
    """
    writes = [transact.put(person_key(after.id), listed(after), **_unchanged(before))]
    same = folded(before.email) == folded(after.email)
    if before.email and not same:
        writes.append(transact.delete(holder_key(before.email)))
    if after.email:
        put = transact.put if same else transact.put_new
        writes.append(put(holder_key(after.email), as_item(after)))
    if own_login(before) != own_login(after):
        writes += [transact.delete(login_key(old)) for old in own_login(before)]
        writes += [transact.put_new(login_key(new), {"id": after.id}) for new in own_login(after)]
    return [
        *writes,
        *_moved(after.id, before.organizations, after.organizations),
        *_told(before, after),
    ]


def gone_writes(person: Person) -> list[Write]:
    """The writes that remove a person; the first fails if the person was changed since."""
    return [
        transact.delete(person_key(person.id), **_unchanged(person)),
        *([transact.delete(holder_key(person.email))] if person.email else []),
        *(transact.delete(login_key(login)) for login in own_login(person)),
        *_moved(person.id, person.organizations, ()),
        *_told(person, replace(person, customer=False, services=())),
    ]


def own_login(person: Person) -> list[str]:
    """The login that has an item of its own: one that is not the address."""
    own = person.login and person.login != folded(person.email)
    return [person.login] if own else []


def _moved(person: int, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    joined, left = set(after) - set(before), set(before) - set(after)
    return [
        *(_membership(person, number) for number in sorted(joined)),
        *(transact.delete(membership_key(person, number)) for number in sorted(left)),
    ]


def _told(before: Person, after: Person) -> Iterator[Write]:
    """The writes that list or unlist a person as a customer, and as a subscriber of services."""
    number = after.id
    if after.customer and not before.customer:
        listed = {"p11": CUSTOMERS, "s11": padded(number)}
        yield transact.put(customer_key(number), listed)
    if before.customer and not after.customer:
        yield transact.delete(customer_key(number))
    were, are = set(before.services), set(after.services)
    for service in sorted(are - were):
        yield transact.put(subscription_key(service, number), {"person": number})
    for service in sorted(were - are):
        yield transact.delete(subscription_key(service, number))


def _membership(person: int, organization: int) -> Write:
    listed = {"p7": members_of(organization), "s1": padded(person)}
    return transact.put(membership_key(person, organization), listed)


def _unchanged(before: Person) -> dict[str, Any]:
    """The condition that a person still has the version that was read."""
    names = {"#version": "version"}
    if before.version == 1:
        condition = "attribute_exists(pk) AND attribute_not_exists(#version)"
        return {"condition": condition, "names": names}
    return {
        "condition": "#version = :version",
        "values": {":version": before.version},
        "names": names,
    }


def listed(person: Person) -> Item:
    """The item of a person under its id, with its index attributes."""
    number = padded(person.id)
    item = as_item(person) | {"p11": LISTED, "s11": number}
    if person.organization is not None:
        item |= {"p7": members_of(person.organization), "s1": number}
    return item


def as_item(person: Person) -> Item:
    """The attributes of a person that are stored both under its id and under its address."""
    item: Item = {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "notes": person.notes,
        "organization": person.organization,
        "fields": dict(person.fields),
        "created": to_iso(person.created) if person.created else None,
        shapes.NAME: shapes.SHAPE,
    }
    split = (person.firstname, person.lastname) == split_name(person.name)
    same = {"firstname", "lastname"} if split else set()
    same |= set() if own_login(person) else {"login"}
    for field in fields(Person):
        value = getattr(person, field.name)
        if field.name in _ALWAYS | same or value in (field.default, {}, ()):
            continue
        if field.name in _TIMES:
            value = to_iso(value)
        # Callers' own values may have any type and depth, which DynamoDB limits.
        item[field.name] = json.dumps(value) if field.name == "preferences" else value
    return item


def as_person(item: Item) -> Person:
    """The person that an item holds.

    A requester must not be refused because of damaged stored values: a value that cannot be read
    gets its default.

    Raises:
        Damaged: It has no id.
    """
    try:
        return _completed({name: _read_value(name, value) for name, value in item.items()})
    except FAULTS:
        return _completed(_salvaged(item))


def strictly(item: Item) -> Person:
    """The person that an item holds, without defaults for damaged values.

    Raises:
        Damaged: Some value cannot be read.
    """
    with reading("person", item):
        return _completed({name: _read_value(name, value) for name, value in item.items()})


def _completed(values: Mapping[str, Any]) -> Person:
    values = {"name": "", "email": "", **values}
    if not values.keys() & {"firstname", "lastname"}:
        values["firstname"], values["lastname"] = split_name(values["name"])
    values.setdefault("login", folded(values["email"]))
    return make(Person, values)


def _salvaged(item: Item) -> dict[str, Any]:
    with reading("person", item):
        values = {"id": item["id"]}
        _completed(values)
    for name, value in item.items():
        with suppress(Damaged), reading("person", item):
            one = _read_value(name, value)
            _completed(values | {name: one})
            values[name] = one
    return values


def _read_value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return from_iso(value)
    if name == "preferences":
        return json.loads(value)
    if name == "fields":
        return {key: tuple(v) if isinstance(v, list) else v for key, v in value.items()}
    return tuple(value) if isinstance(value, list) else value
