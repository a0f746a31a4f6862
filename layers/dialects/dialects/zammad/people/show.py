"""People, agents and the desk itself as users (docs/zammad.md 9.4)."""

from typing import Any

from dialects.endpoint import Response
from dialects.zammad import names, show
from dialects.zammad.read import Bag
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import NOBODY, THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import Person, split_name
from helpdesk.storage import person_items, table
from helpdesk.storage.keys import person_key

_UNSET = ("web", "phone", "fax", "mobile", "department", "street", "zip", "city", "country")


def me(actor: Actor, values: Bag) -> Response:
    """Under whom a key acts. One round trip, and one for a customer."""
    known = cache.current()
    who: Person | Agent | None = known.agents.get(actor.agent or 0)
    if actor.customer is not None:
        item = table.get(person_key(actor.customer))
        who = person_items.as_person(item) if item else None
    row = user_row(actor.me, who, known)
    return show.answer(expanded(row, known) if values.flag("expand") else row)


def login_of(number: int, who: Person | Agent | None) -> str:
    """What stands for a user where one is named; `who` is None for nobody, the desk, and who is
    gone.
    """
    if isinstance(who, Agent):
        return who.username.lower()
    if isinstance(who, Person):
        return who.login
    return _LOGINS.get(number, f"user-{number}")


_LOGINS = {NOBODY: names.NOBODY_LOGIN, THE_DESK: "desk"}


def name_of(who: Person | Agent) -> tuple[str, str]:
    """First and last name."""
    return (who.firstname, who.lastname) if isinstance(who, Person) else split_name(who.name)


def user_row(number: int, who: Person | Agent | None, known: Catalogue) -> dict[str, Any]:
    """Somebody as a user."""
    row = _blank(number, known)
    if isinstance(who, Agent):
        row |= _of_agent(who, known)
    elif isinstance(who, Person):
        row |= {
            "organization_id": who.organization,
            "login": who.login,
            "firstname": who.firstname,
            "lastname": who.lastname,
            "email": who.email.lower(),
            **{name: getattr(who, name) for name in (*_UNSET, "address", "vip", "active")},
            "note": who.notes,
            "preferences": dict(who.preferences),
            "updated_by_id": who.updated_by or who.created_by or NOBODY,
            "created_by_id": who.created_by or NOBODY,
            "created_at": show.time(who.created),
            "updated_at": show.time(who.updated or who.created),
            "role_ids": [3],
            "organization_ids": list(who.organizations),
        }
    return row


def _of_agent(agent: Agent, known: Catalogue) -> dict[str, Any]:
    first, last = name_of(agent)
    own = {agent.department, *agent.departments} - {None}
    return {
        "login": login_of(agent.id, agent),
        "firstname": first,
        "lastname": last,
        "email": agent.email,
        "phone": agent.phone,
        "active": agent.active,
        "role_ids": [2],
        "group_ids": {str(one): ["full"] for one in sorted(own or known.departments)},  # type: ignore[type-var]
    }


def _blank(number: int, known: Catalogue) -> dict[str, Any]:
    """A user of whom nothing is known: nobody, the desk itself, or somebody who is gone."""
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
        **dict.fromkeys(_UNSET, ""),
        "address": "",
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


_EPOCH = "1970-01-01T00:00:00.000Z"
"""When somebody was made of whom the desk does not keep it."""


def expanded(row: dict[str, Any], known: Catalogue) -> dict[str, Any]:
    """A user's row with the names of what it refers to."""
    groups = {
        names.group_name(known.departments[int(one)], known): access
        for one, access in row["group_ids"].items()
        if int(one) in known.departments
    }
    roles = [names.ROLES[one] for one in row["role_ids"]]
    return {**row, "roles": roles, "groups": groups, "organizations": []}
