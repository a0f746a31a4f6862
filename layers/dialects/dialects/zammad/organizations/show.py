"""Shows organizations as Zammad does (docs/zammad.md 9.5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import collection, show
from dialects.zammad.collection import Assets, Record
from dialects.zammad.organizations.row import organization_row, seen_by
from dialects.zammad.people import show as people
from dialects.zammad.read import Bag
from helpdesk import organizations
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization
from helpdesk.people import User, find_users


def rows(
    actor: Actor, found: Sequence[Organization], values: Bag, total: int | None = None
) -> Response:
    """A page of organizations with their members: one round trip, and one for names."""
    page = _records(actor, found)
    users = _users(page, values)
    return collection.listing(
        page,
        values,
        total=total,
        names=lambda record: _names(actor, record, users),
        assets=lambda records: _assets(actor, records, users),
    )


def found(actor: Actor, page: Sequence[Organization], values: Bag, total: int) -> Response:
    """A page of search results; round trips as in `rows`."""
    records = _records(actor, page)
    users = _users(records, values)
    return collection.found(
        values,
        records,
        total,
        names=lambda record: _names(actor, record, users),
        assets=lambda shown: _assets(actor, shown, users),
        labelled=collection.labelled,
    )


def with_members(actor: Actor, page: Sequence[Organization]) -> tuple[list[int], Assets]:
    """The ids of some organizations, and the records with everything they refer to: two round
    trips.
    """
    records = _records(actor, page)
    users = _users(records, Bag({"full": True}))
    return [record["id"] for record in records], _assets(actor, records, users)


def row(
    actor: Actor,
    found: Organization,
    values: Bag,
    status: int = 200,
    members: Sequence[int] | None = None,
) -> Response:
    """One organization. `members` are those just assigned, since the index is updated later."""
    (record,) = _records(actor, [found])
    if members is not None:
        record["member_ids"] = sorted(set(members))
    users = _users([record], values)
    return collection.one(
        record,
        values,
        status=status,
        names=lambda one: _names(actor, one, users),
        assets=lambda records: _assets(actor, records, users),
    )


def maybe(actor: Actor, found: Organization | None, values: Bag) -> Response:
    """One organization; an empty object for none."""
    return row(actor, found, values) if found else show.answer({})


def _records(actor: Actor, found: Sequence[Organization]) -> list[Record]:
    members = organizations.members_of_all([row.id for row in found])
    return [seen_by(actor, organization_row(row, members[row.id])) for row in found]


def _users(page: Sequence[Record], values: Bag) -> Mapping[int, User]:
    """The users on the page, if it shows more than their ids; one round trip."""
    if not (values.flag("expand") or values.flag("full")):
        return {}
    return find_users({number for record in page for number in _people(record)})


def _people(record: Record) -> list[int]:
    makers = [record["created_by_id"], record["updated_by_id"]]
    return [*makers, *record["member_ids"], *record["secondary_member_ids"]]


def _names(actor: Actor, record: Record, users: Mapping[int, User]) -> dict[str, Any]:
    """The names that `expand` adds. A login is usually an address: customers see only their own."""

    def login(number: int) -> str:
        return people.login_of(number, users.get(number))

    def logins(name: str) -> list[str]:
        shown = (one for one in record[name] if actor.customer in {None, one})
        return [login(number) for number in shown]

    return {
        "members": logins("member_ids"),
        "secondary_members": logins("secondary_member_ids"),
        "created_by": login(record["created_by_id"]),
        "updated_by": login(record["updated_by_id"]),
    }


def _assets(actor: Actor, page: Sequence[Record], users: Mapping[int, User]) -> Assets:
    known = cache.seen()
    return {
        "Organization": {str(record["id"]): record for record in page},
        "User": {
            str(number): people.seen_by(actor, people.user_row(number, users.get(number), known))
            for number in sorted({number for record in page for number in _people(record)})
        },
    }
