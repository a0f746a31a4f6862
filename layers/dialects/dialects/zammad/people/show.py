"""Shows people, agents and the desk itself as users (docs/zammad.md 9.4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import collection, names, show
from dialects.zammad.collection import Assets, Record
from dialects.zammad.organizations.row import organization_row
from dialects.zammad.organizations.row import seen_by as organization_seen_by
from dialects.zammad.read import Bag
from helpdesk import organizations
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import NOBODY, THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import Organization, Person, split_name
from helpdesk.people import User, find_users
from helpdesk.storage import aws

_EPOCH = "1970-01-01T00:00:00.000Z"
"""The creation time of users for whom the desk does not store it."""

TEXTS = (
    *("web", "phone", "fax", "mobile", "department", "street", "zip", "city", "country"),
    "address",
)
"""Attributes of a person that have the same name here."""

_AMONG_CUSTOMERS = ("id", "firstname", "lastname", "image", "active")
"""The attributes that customers of one organization see of each other."""

_LOGINS = {NOBODY: names.NOBODY_LOGIN, THE_DESK: "desk"}


def login_of(number: int, who: User | None) -> str:
    """The login shown for a user; `who` is None for nobody (1), the desk, and deleted users."""
    if isinstance(who, Agent):
        return who.username.lower()
    if isinstance(who, Person) and who.login:
        return who.login
    return _LOGINS.get(number, f"user-{number}")


def name_of(who: User) -> tuple[str, str]:
    """First and last name; an agent's name is split at its first space."""
    if isinstance(who, Person):
        return who.firstname, who.lastname
    return split_name(who.name)


# --- a row ----------------------------------------------------------------------------------


def user_row(number: int, who: User | None, known: Catalogue) -> Record:
    """A person, agent or the desk itself as a user."""
    row = _blank(number, known)
    if isinstance(who, Agent):
        row |= _of_agent(who, known)
    elif isinstance(who, Person):
        row |= _of_person(who, known)
    return row


def _of_person(who: Person, known: Catalogue) -> Record:
    first, last = name_of(who)
    return {
        "organization_id": who.organization,
        "login": login_of(who.id, who),
        "firstname": first,
        "lastname": last,
        "email": who.email,
        **{name: getattr(who, name) for name in TEXTS},
        "vip": who.vip,
        "active": who.active,
        "note": who.notes,
        "preferences": dict(who.preferences),
        "updated_by_id": who.updated_by or who.created_by or NOBODY,
        "created_by_id": who.created_by or NOBODY,
        "created_at": show.time(who.created) or _EPOCH,
        "updated_at": show.time(who.updated or who.created) or _EPOCH,
        "role_ids": [3],
        "organization_ids": list(who.organizations),
        **_own_fields(who, known),
    }


def _own_fields(who: Person, known: Catalogue) -> Record:
    """The values of the fields that an admin has added to the contact form."""
    return {
        row.name: list(value) if isinstance(value, tuple | list) else value
        for row in known.fields.values()
        if row.form == "contact" and row.name not in fields.BUILT_IN
        for value in (who.fields.get(row.name),)
    }


def _of_agent(agent: Agent, known: Catalogue) -> Record:
    first, last = name_of(agent)
    return {
        "login": login_of(agent.id, agent),
        "firstname": first,
        "lastname": last,
        "email": agent.email,
        "phone": agent.phone,
        "active": agent.active,
        "role_ids": [2],
        "group_ids": {str(one): ["full"] for one in sorted(agent.scope or known.departments)},
    }


def _blank(number: int, known: Catalogue) -> Record:
    """A user without data: nobody (1), the desk itself, or a deleted user."""
    desk = number == THE_DESK
    groups = {str(one): ["full"] for one in sorted(known.departments)} if desk else {}
    return {
        "id": number,
        "organization_id": None,
        "login": login_of(number, None),
        "firstname": known.settings.helpdesk_title if desk else "-",
        "lastname": "",
        "email": "",
        "image": None,
        "image_source": None,
        **dict.fromkeys(TEXTS, ""),
        "vip": False,
        "verified": False,
        "active": number != NOBODY,
        "note": "",
        "last_login": None,
        "source": None,
        "login_failed": 0,
        "out_of_office": False,
        "out_of_office_start_at": None,
        "out_of_office_end_at": None,
        "out_of_office_replacement_id": None,
        "preferences": {},
        "updated_by_id": NOBODY,
        "created_by_id": NOBODY,
        "created_at": _EPOCH,
        "updated_at": _EPOCH,
        "role_ids": [1, 2] if desk else [],
        "two_factor_preference_ids": [],
        "organization_ids": [],
        "authorization_ids": [],
        "overview_sorting_ids": [],
        "group_ids": groups,
    }


def seen_by(actor: Actor, row: Record) -> Record:
    """A user as visible to an actor: customers see little of others, and never the agents' note."""
    if actor.customer is None:
        return row
    if actor.customer == row["id"]:
        return {**row, "note": ""}
    return {name: row[name] for name in _AMONG_CUSTOMERS}


# --- answers --------------------------------------------------------------------------------


def me(actor: Actor, values: Bag) -> Response:
    """The user as whom a key acts. One round trip, and one more for a customer."""
    cache.current()
    return user(actor, actor.me, find_users([actor.me]).get(actor.me), values)


def user(actor: Actor, number: int, who: User | None, values: Bag, status: int = 200) -> Response:
    """One user, as visible to this actor."""
    around = Around([user_row(number, who, cache.seen())], values, actor)
    (row,) = around.records
    record = seen_by(actor, row)
    return collection.one(record, values, status=status, names=around.names, assets=around.assets)


def users(actor: Actor, found: Sequence[tuple[int, User | None]], values: Bag) -> Response:
    """A page of users."""
    known = cache.seen()
    around = Around([user_row(number, who, known) for number, who in found], values, actor)
    return collection.listing(
        [seen_by(actor, row) for row in around.records],
        values,
        names=around.names,
        assets=around.assets,
    )


class Around:
    """Users with the users and organizations they refer to: one round trip if more than ids are
    shown, else none.
    """

    def __init__(self, records: Sequence[Record], values: Bag, actor: Actor) -> None:
        self.known, self.actor = cache.seen(), actor
        self.records = records
        self._users: Mapping[int, User] = {}
        self._organizations: Mapping[int, Organization] = {}
        if values.flag("expand") or values.flag("full"):
            makers = {row[name] for row in records for name in ("created_by_id", "updated_by_id")}
            wanted = {one for row in records for one in _organizations(row)}
            found: dict[str, Any] = {}
            aws.together(
                lambda: found.update(users=find_users(makers)),
                lambda: found.update(rows=organizations.find_organizations(wanted)),
            )
            self._users, self._organizations = found["users"], found["rows"]

    def names(self, record: Record) -> dict[str, Any]:
        """The names that `expand` adds to a user."""
        if "login" not in record:
            return {}
        first = self._organizations.get(record["organization_id"] or 0)
        others = [self._organizations.get(one) for one in record["organization_ids"]]
        groups = {
            names.group_name(self.known.departments[int(one)], self.known): access
            for one, access in record["group_ids"].items()
            if int(one) in self.known.departments
        }
        return {
            "roles": [names.ROLES[one] for one in record["role_ids"]],
            "groups": groups,
            "organizations": [one.name for one in others if one],
            **({"organization": first.name} if first else {}),
            "created_by": self._login(record["created_by_id"]),
            "updated_by": self._login(record["updated_by_id"]),
        }

    def _login(self, number: int) -> str:
        return login_of(number, self._users.get(number))

    def assets(self, page: Sequence[Record]) -> Assets:
        """The users of a page with everything they refer to."""
        makers = {
            number: seen_by(self.actor, user_row(number, self._users.get(number), self.known))
            for row in page
            if "login" in row
            for number in (row["created_by_id"], row["updated_by_id"])
        }
        users = makers | {row["id"]: row for row in page}
        found: Assets = {
            "User": {str(number): users[number] for number in sorted(users)},
            "Organization": {
                str(number): organization_seen_by(self.actor, organization_row(row))
                for number, row in sorted(self._organizations.items())
            },
        }
        return {name: rows for name, rows in found.items() if rows}


def _organizations(record: Record) -> list[int]:
    first = record["organization_id"]
    return [*([first] if first else []), *record["organization_ids"]]
