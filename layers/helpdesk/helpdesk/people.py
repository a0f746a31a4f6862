"""People, as callers find, make, change and remove them by hand.

Requesters become people by their first ticket (`storage.person_items`). People and agents share one
sequence of ids; agents are rows of the catalogue (docs/decisions/0004). Ids 1 and 2 are nobody and
the desk itself; neither is found here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any
from uuid import uuid4

from helpdesk import operations, organizations
from helpdesk.addresses import is_address
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue, fold
from helpdesk.clock import now
from helpdesk.errors import ChangedUnderYou, Conflict, Invalid, NotAllowed, NotFound, Problem
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import Person, full_name, guess_names, split_name
from helpdesk.storage import person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    Key,
    login_key,
    organization_key,
    padded,
    person_key,
)
from helpdesk.storage.person_items import as_person, folded, holder_key
from helpdesk.storage.reading import readable, reference
from helpdesk.storage.transact import Cancelled, Write

User = Person | Agent

LONGEST: Mapping[str, int] = {
    # Before the login, which defaults to the address.
    "email": 254,
    "login": 255,
    "firstname": 100,
    "lastname": 100,
    "phone": 100,
    "mobile": 100,
    "fax": 100,
    "web": 100,
    "department": 200,
    "street": 120,
    "zip": 100,
    "city": 100,
    "country": 100,
    "address": 500,
    "notes": 5_000,
}
"""Characters of each text that callers may set of a person."""

LONGEST_PREFERENCES = 20_000
"""Characters of a person's preferences, as JSON."""

MOST_ORGANIZATIONS = 50
"""Organizations of a person besides the primary one."""

MOST_MOVED = 25
"""People who may join or leave an organization in one transaction: each takes three or four
writes.
"""

_MOST_LOGINS = 20


# --- finding --------------------------------------------------------------------------------


def find_users(ids: Iterable[int]) -> dict[int, User]:
    """The people and agents with these ids; one round trip if there are people among them.

    Agents are those of the catalogue that the request has looked at.
    """
    wanted, agents = set(ids), cache.seen().agents
    found: dict[int, User] = {number: agents[number] for number in wanted & agents.keys()}
    items = table.fetch([person_key(number) for number in sorted(wanted - agents.keys())])
    return found | {p.id: p for p in readable(_person, items.values()) if p}


def _person(item: Item | None) -> Person | None:
    # An agent's item only reserves the id, which people must not get.
    return as_person(item) if item and "agent" not in item else None


def find_user(actor: Actor, ref: int | str) -> User | None:
    """The person or agent with an id, a login or an address (ignoring case); None if there is none,
    or the actor may not see it. At most two round trips.

    A customer's key sees its own person, and those of its shared organizations.
    """
    if isinstance(ref, int):
        user = find_users([ref]).get(ref)
    else:
        known = cache.seen()
        user = _agent_called(ref, known)
        if user is None:
            keys = person_items.holder_keys(ref)
            user = _holder(table.fetch(keys), keys)
    return user if user and may_see(actor, user) else None


def may_see(actor: Actor, user: User) -> bool:
    """Whether an actor may see a person: a customer's key sees its own, and people who share an
    organization.
    """
    if actor.customer in {None, user.id}:
        return True
    return isinstance(user, Person) and bool(actor.organizations & _organizations(user))


def _organizations(person: Person) -> set[int]:
    first = () if person.organization is None else (person.organization,)
    return {*first, *person.organizations}


def _agent_called(ref: str, known: Catalogue) -> Agent | None:
    wanted = fold(ref)
    agents = sorted(known.agents.values(), key=lambda agent: agent.id)
    for by in ("username", "email"):
        for agent in agents:
            if fold(getattr(agent, by)) == wanted:
                return agent
    return None


def _holder(found: Mapping[Key, Item], keys: Sequence[Key]) -> Person | None:
    """The person named by the first of these keys; one round trip for one with a login."""
    for key in keys:
        if item := found.get(key):
            whole = "email" in item
            if whole:
                return as_person(item)
            number = reference(item, "id")
            return _person(table.get(person_key(number))) if number is not None else None
    return None


def list_users(actor: Actor, *, offset: int, limit: int) -> list[User]:
    """People and agents by id, from a place of the list on; a new one is listed within a second.

    Two round trips; reads half a unit for each 70 places before the page.
    """
    if actor.customer is not None:
        return [user for user in find_users([actor.customer]).values() if not offset]
    agents = sorted(cache.current().agents)
    listed = (item["s11"] for item in table.query(person_items.LISTED, index="g11"))
    people = (int(number) for number in listed if number.isdecimal())
    page = list(islice(merge(agents, people), offset, offset + limit))
    found = find_users(page)
    return [found[number] for number in page if number in found]


def newest_people(limit: int) -> list[int]:
    """The ids of the newest people, newest first; one round trip for each 14,000 of them, half a
    read unit for each 70. A new person is listed within a second.
    """
    listed = table.query(person_items.LISTED, index="g11", newest_first=True, limit=limit)
    return [int(item["s11"]) for item in listed if item["s11"].isdecimal()]


def count_people() -> int:
    """How many people there are; round trips and units as of a list of all."""
    return sum(1 for _ in table.query(person_items.LISTED, index="g11"))


# --- changes --------------------------------------------------------------------------------


def create_person(
    actor: Actor, values: Mapping[str, Any], once: IdempotencyRecord | None = None
) -> Person:
    """Creates a person. The login defaults to the address; without either, a random login is
    generated. If the login is taken, a number is appended. A person without organization joins the
    one assigned by the domain of their address.

    Args:
        actor: Who asks; not a customer's key.
        values: Attributes of the `Person`, by name. `name` follows from first and last name.
        once: The idempotency record of the request, if it has one.

    Raises:
        NotAllowed: The key is a customer's.
        Invalid: `identifier` (`required`) if nothing identifies the person; `email`, `organization`
            and `organizations` (`unknown`, with the id), texts that are too long.
        Conflict: `email_taken`.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the items.
    """
    if actor.customer is not None:
        raise NotAllowed("can_manage_directory")
    at = now()
    wanted = _new(values)
    keys = [*_organization_keys(wanted), *person_items.holder_keys(wanted.email)]
    found, ids = operations.first_round_trip(keys, once=once, ids={"person": 1})
    known = cache.current(found)
    _check(wanted, found, known)
    if wanted.organization is None and wanted.email:
        wanted = replace(wanted, organization=organization_of(wanted.email))
    by = actor.me
    person = replace(wanted, id=ids["person"], created=at, updated=at, created_by=by, updated_by=by)
    base = person.login
    for count in range(_MOST_LOGINS):
        if count:
            person = replace(person, login=f"{base}{count}")
        if person_items.own_login(person) and _agent_called(person.login, known):
            continue
        event = history.audit_event(
            "person_created", actor, at, todo=["project"], data={"person": person.id}
        )
        try:
            operations.commit(event, person_items.person_writes(person), once=once, result=person)
        except Cancelled as cancelled:
            _refuse_taken(cancelled, person)
        else:
            return person
    raise Conflict("login_taken")


def update_person(actor: Actor, number: int, values: Mapping[str, Any]) -> Person:
    """A person with other values. Their tickets show the new name, address and organization within
    a second. A login that was the address remains it.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such person.
        Invalid: As `create_person`.
        Conflict: `email_taken`, `login_taken`.
        ChangedUnderYou: Others kept changing the person.
    """
    _check_may_change(actor)
    for _ in transact.attempts():
        found = table.fetch([person_key(number)])
        before = _person(found.get(person_key(number)))
        if before is None:
            raise NotFound("person", number)
        after = _changed(before, values)
        if after == before:
            return before
        keys = [*_organization_keys(after), *person_items.holder_keys(after.email)]
        _check(after, table.fetch(keys), cache.current())
        at = now()
        after = replace(after, updated=at, updated_by=actor.me, version=before.version + 1)
        changed = sorted(name for name in values if getattr(before, name) != getattr(after, name))
        data = {"person": number, "fields": changed, "gone": searched_texts(before)}
        event = history.audit_event("person_changed", actor, at, todo=["project"], data=data)
        try:
            operations.commit(event, person_items.changed_writes(before, after))
        except Cancelled as cancelled:
            if person_key(number) not in cancelled.failed:
                _refuse_taken(cancelled, after)
                raise Conflict("login_taken") from cancelled
        else:
            return after
    raise ChangedUnderYou


def member_writes(
    actor: Actor, organization: int, wanted: Iterable[int], at: datetime
) -> list[Write]:
    """The writes that make exactly these people the members of an organization, as their primary
    one. They fail if one of the people was changed meanwhile. Two round trips.

    Raises:
        NotFound: There is no such person.
        Invalid: `members` (`too_many`): more than MOST_MOVED would join or leave.
    """
    members = set(wanted)
    listed = members | set(organizations.members(organization)[0])
    found = table.fetch([person_key(number) for number in sorted(listed)])
    moved: list[tuple[Person, int | None]] = []
    for number in sorted(listed):
        person = _person(found.get(person_key(number)))
        if person is None and number in members:
            raise NotFound("person", number)
        if person and (number in members) != (person.organization == organization):
            moved.append((person, organization if number in members else None))
    if len(moved) > MOST_MOVED:
        raise Invalid(Problem("members", "too_many", detail=str(MOST_MOVED)))
    return [write for person, to in moved for write in _moving(actor, person, to, at)]


def _moving(
    actor: Actor, person: Person, organization: int | None, at: datetime
) -> Iterator[Write]:
    version = person.version + 1
    by = actor.me
    after = replace(person, organization=organization, updated=at, updated_by=by, version=version)
    data = {"person": person.id, "fields": ["organization"]}
    yield history.audit_event("person_changed", actor, at, todo=["project"], data=data)
    yield from person_items.changed_writes(person, after)


def delete_person(actor: Actor, number: int) -> Person:
    """Removes a person who has no tickets and no key; returns them as they were.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such person.
        Conflict: `in_use`.
        ChangedUnderYou: Others kept changing the person.
    """
    # Most of those who look people up remove nobody, and need not load what makes keys.
    from helpdesk.keys import finding  # noqa: PLC0415

    _check_may_change(actor)
    for _ in transact.attempts():
        before = _person(table.get(person_key(number)))
        if before is None:
            raise NotFound("person", number)
        if any(True for _ in table.query(padded(number), index="g06", limit=1)):
            raise Conflict("in_use", "tickets")
        for key in finding.referring_keys("people", number):
            raise Conflict("in_use", f"keys {key.id}")
        data = {"person": number, "gone": searched_texts(before)}
        event = history.audit_event("person_deleted", actor, now(), todo=["project"], data=data)
        try:
            operations.commit(event, person_items.gone_writes(before))
        except Cancelled:
            continue
        return before
    raise ChangedUnderYou


def searched_texts(person: Person) -> list[str]:
    """The texts by which a person is searched."""
    texts = (person.name, person.email, *person_items.own_login(person))
    return [text for text in texts if text]


def organization_of(email: str) -> int | None:
    """The organization assigned by the domain of an address; one round trip."""
    domain = fold(email.rpartition("@")[2])
    for item in table.query(f"OD#{domain}", limit=1) if domain else ():
        return int(item["sk"])
    return None


def _check_may_change(actor: Actor) -> None:
    # The person is shared with other departments: changing the address moves all their mail.
    if actor.bound:
        raise NotAllowed("can_manage_directory")


def _new(values: Mapping[str, Any]) -> Person:
    """The person that values describe, not yet checked."""
    email = folded(values.get("email") or "")
    first, last = guess_names(values.get("firstname", ""), values.get("lastname", ""), email)
    named = any((first, last, email, values.get("phone"), values.get("mobile")))
    login = folded(values.get("login") or "")
    if not (named or login):
        raise Invalid(Problem("identifier", "required"))
    changed = {
        **values,
        "firstname": first,
        "lastname": last,
        "email": email,
        "login": login or email or f"auto-{uuid4()}",
    }
    return Person(**{**changed, "id": 0, "name": full_name(first, last)})


def _changed(before: Person, values: Mapping[str, Any]) -> Person:
    """A person with these values and their effects."""
    after = replace(before, **values)
    # An address that stays is shown as it was first written.
    email = folded(after.email) if "email" in values else after.email
    after = replace(after, email=email, login=folded(after.login))
    if not after.login or ("login" not in values and not person_items.own_login(before)):
        after = replace(after, login=folded(after.email) or before.login)
    if values.keys() & {"firstname", "lastname"}:
        first, last = guess_names(after.firstname, after.lastname, after.email)
        after = replace(after, firstname=first, lastname=last, name=full_name(first, last))
    elif "name" in values:
        first, last = split_name(after.name)
        after = replace(after, firstname=first, lastname=last)
    return after


def _organization_keys(person: Person) -> list[Key]:
    return [organization_key(number) for number in sorted(_organizations(person))]


def _check(person: Person, found: Mapping[Key, Item], known: Catalogue) -> None:
    """Refuses a person that is invalid, or whose address is taken.

    Raises:
        Invalid: The first thing that is wrong.
        Conflict: `email_taken`.
    """
    for name, most in LONGEST.items():
        if len(getattr(person, name)) > most:
            raise Invalid(Problem(name, "too_long", detail=str(most)))
    if person.email and not is_address(person.email):
        raise Invalid(Problem("email", "email", detail=person.email))
    if len(person.organizations) > MOST_ORGANIZATIONS:
        raise Invalid(Problem("organizations", "too_many", detail=str(MOST_ORGANIZATIONS)))
    for number in sorted(_organizations(person)):
        if organization_key(number) not in found:
            first = number == person.organization
            field = "organization" if first else "organizations"
            raise Invalid(Problem(field, "unknown", detail=str(number)))
    if not person.email:
        return
    holder = found.get(holder_key(person.email))
    if holder and holder.get("id") == person.id:
        return  # a customer may have an agent's address (docs/notific.md 6)
    agent = next((a for a in known.agents.values() if fold(a.email) == fold(person.email)), None)
    if agent or holder:
        raise Conflict("email_taken", person.email)


def _refuse_taken(cancelled: Cancelled, person: Person) -> None:
    """Raises if the person's address is taken; not if only the login is.

    Raises:
        Conflict: `email_taken`.
        ChangedUnderYou: Something else stood in the way.
    """
    if person.email and holder_key(person.email) in cancelled.failed:
        raise Conflict("email_taken", person.email) from cancelled
    if login_key(person.login) not in cancelled.failed:
        raise ChangedUnderYou from cancelled
