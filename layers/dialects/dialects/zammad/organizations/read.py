"""Parses requests about organizations into the desk's operations."""

from typing import Any

from dialects.zammad import collection, read, staff
from dialects.zammad.collection import DEFAULT_PAGE, LARGEST_PAGE
from dialects.zammad.lookup import unknown_name, whole_id
from dialects.zammad.organizations.row import organization_row
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk import organizations, people, text
from helpdesk.errors import Invalid, NotAllowed, Problem
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization, Person

LONGEST_NAME = 128
LONGEST_DOMAIN = 250
LONGEST_NOTE = 5_000

MOST_MEMBERS = 1_000
"""Most members given by id; by name, each of which costs a round trip, it is MOST_NAMED."""

MOST_NAMED = 100
MOST_SORTED = 5_000
"""Most organizations that can be sorted by a column other than the id; above it, none are shown."""


def listed(actor: Actor, values: Bag) -> tuple[list[Organization], int]:
    """The requested page of organizations, and their total; customers see only their own.

    Raises:
        Refusal: 422, for an unknown order, or too many to sort.
    """
    if actor.customer is not None:
        found = _own(actor)
        collection.order([organization_row(one) for one in found], values)
        return (found, len(found)) if not _window(values).offset else ([], len(found))
    ids = organizations.ids()
    if values.listed("sort_by") in ([], ["id"]) and "desc" not in values.listed("order_by"):
        collection.order([], values)
        page = ids[_window(values).offset :][: _window(values).limit]
    else:
        if len(ids) > MOST_SORTED:
            raise Refusal(422, f"More than {MOST_SORTED} organizations cannot be sorted so.")
        rows = organizations.find_organizations(ids).values()
        ordered = collection.order([organization_row(one) for one in rows], values)
        page = [record["id"] for record in collection.page(ordered, values)]
    found_rows = organizations.find_organizations(page)
    return [found_rows[number] for number in page if number in found_rows], len(ids)


def _window(values: Bag) -> read.Window:
    return read.window(values, DEFAULT_PAGE, LARGEST_PAGE)


def _own(actor: Actor) -> list[Organization]:
    """The organizations of a customer; two round trips."""
    person = people.find_users([actor.customer or 0]).get(actor.customer or 0)
    if not isinstance(person, Person):
        return []
    ids = {one for one in (person.organization, *person.organizations) if one is not None}
    found = organizations.find_organizations(ids)
    return [found[number] for number in sorted(found)]


def found(actor: Actor, number: int) -> Organization | None:
    """One organization; None for a customer without any.

    Raises:
        NotAccessible: The customer belongs only to others.
        NotFound: It does not exist.
    """
    if actor.customer is None:
        return organizations.find_organization(actor, number)
    own = _own(actor)
    for organization in own:
        if organization.id == number:
            return organization
    if own:
        raise NotAccessible
    return None


# --- writing --------------------------------------------------------------------------------


def written(values: Bag, *, new: bool) -> dict[str, Any]:
    """The values of an organization in a request, under the desk's names.

    Raises:
        Invalid: The name is missing, or a text is too long.
    """
    said: dict[str, Any] = {}
    texts = {"name": LONGEST_NAME, "domain": LONGEST_DOMAIN, "note": LONGEST_NOTE}
    for name, most in texts.items():
        if name in values:
            given = values.text(name)
            said[name] = text.strip_controls(given) if name == "note" else text.one_line(given)
            if len(said[name]) > most:
                raise Invalid(Problem(name, "too_long", detail=str(most)))
    if not said.get("name", "" if new else "-"):
        raise Invalid(Problem("name", "required"))
    flags = ("shared", "domain_assignment", "active", "vip")
    return said | {name: values.flag(name) for name in flags if values.get(name) is not None}


def members(actor: Actor, values: Bag) -> list[int] | None:
    """The ids of the members in a request; None if it has no members.

    Raises:
        Refusal: 422, for an unknown person; 403 if the key lacks the permission.
    """
    by_id, by_name = values.get("member_ids"), values.get("members")
    wanted = by_id if isinstance(by_id, list) else by_name
    if not isinstance(wanted, list):
        return None
    if actor.bound:
        raise NotAllowed(staff.DIRECTORY)
    most = MOST_MEMBERS if isinstance(by_id, list) else MOST_NAMED
    if len(wanted) > most:
        raise Refusal(422, f"Invalid value for field 'members': at most {most} can be named.")
    if isinstance(by_id, list):
        ids = [whole_id(one) or 0 for one in by_id]
        found_users = people.find_users(ids)
        for given, number in zip(by_id, ids, strict=True):
            if not isinstance(found_users.get(number), Person):
                shown = str(given)[:LONGEST_REFERENCE]
                raise Refusal(422, f"No value found for 'members' with id {shown}")
        return ids
    named = [people.find_user(actor, str(name)[:255]) for name in wanted]
    for name, user in zip(wanted, named, strict=True):
        if not isinstance(user, Person):
            raise unknown_name("members", name)
    return [user.id for user in named if user]


def create(
    actor: Actor, values: Bag, joining: list[int] | None, once: IdempotencyRecord | None
) -> Organization:
    """A new organization, with `members` if given, in one transaction."""
    said = written(values, new=True)
    return organizations.create_organization(actor, said, once, _beside(actor, joining))


def change(actor: Actor, number: int, values: Bag) -> tuple[Organization, list[int] | None]:
    """Changes an organization's values, and its members if given, in one transaction."""
    said, joining = written(values, new=False), members(actor, values)
    after = organizations.update_organization(actor, number, said, _beside(actor, joining))
    return after, joining


def _beside(actor: Actor, joining: list[int] | None) -> organizations.Beside | None:
    if joining is None:
        return None
    return lambda number, at: people.member_writes(actor, number, joining, at)
