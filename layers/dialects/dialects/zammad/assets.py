"""Records with all that they refer to: people, organizations, groups, roles (docs/zammad.md 5.2).

What is needed is noted first and read together, in one round trip.
"""

from collections.abc import Iterable
from typing import Any

from dialects.zammad import names, show
from dialects.zammad.people.show import login_of, user_row
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import NOBODY, THE_DESK
from helpdesk.model.catalogue import Agent, Department
from helpdesk.model.people import Organization, Person
from helpdesk.organizations import as_organization
from helpdesk.storage import person_items, table
from helpdesk.storage.keys import organization_key, person_key


class Directory:
    """People and organizations by id, as far as they have been read.

    Args:
        known: The catalogue, which has the agents.
    """

    def __init__(self, known: Catalogue) -> None:
        self.known = known
        self._people: dict[int, Person | Agent] = {}
        self._organizations: dict[int, Organization] = {}

    def read(self, people: Iterable[int | None], organizations: Iterable[int | None] = ()) -> None:
        """Reads all of these that are not there yet; one round trip, or none."""
        agents = self.known.agents
        wanted = {one for one in people if one not in {None, NOBODY, THE_DESK}}
        self._people |= {one: agents[one] for one in wanted if one in agents}
        keys = [person_key(one) for one in wanted - self._people.keys() if one]
        keys += [organization_key(one) for one in {*organizations} - {*self._organizations} if one]
        for key, item in table.fetch(keys).items():
            if key.pk.startswith("O#"):
                self._organizations[item["id"]] = as_organization(item)
            elif "id" in item:
                self._people[item["id"]] = person_items.as_person(item)

    def user(self, number: int) -> Person | Agent | None:
        """Somebody; None for nobody, the desk itself, and who is gone."""
        return self._people.get(number)

    def login(self, number: int) -> str:
        """What stands for a user where one is named."""
        return login_of(number, self.user(number))

    def organization(self, number: int | None) -> Organization | None:
        """An organization; None for none, and for one that is gone."""
        return self._organizations.get(number or 0)

    def users(self, numbers: Iterable[int | None]) -> dict[str, dict[str, Any]]:
        """The assets `User`."""
        ids = sorted({number for number in numbers if number})
        return {str(one): user_row(one, self.user(one), self.known) for one in ids}

    def organizations(self, numbers: Iterable[int | None]) -> dict[str, dict[str, Any]]:
        """The assets `Organization`."""
        found = (self.organization(number) for number in sorted({one for one in numbers if one}))
        return {str(one.id): organization_row(one) for one in found if one}

    def groups(self, numbers: Iterable[int]) -> dict[str, dict[str, Any]]:
        """The assets `Group`."""
        rows = (self.known.departments.get(number) for number in sorted({*numbers}))
        return {str(row.id): group_row(row, self.known) for row in rows if row}


def group_row(row: Department, known: Catalogue) -> dict[str, Any]:
    """A department as a group (docs/zammad.md 9.3)."""
    name = names.group_name(row, known)
    reaching = (
        agent.id
        for agent in known.agents.values()
        if row.id in {agent.department, *agent.departments}
        or (agent.department is None and not agent.departments)
    )
    return {
        "id": row.id,
        "signature_id": None,
        "email_address_id": None,
        "name": name,
        "name_last": name.rpartition("::")[2],
        "parent_id": row.parent,
        "assignment_timeout": None,
        "follow_up_possible": "yes",
        "reopen_time_in_days": None,
        "follow_up_assignment": True,
        "active": row.active,
        "shared_drafts": False,
        "note": "",
        "updated_by_id": NOBODY,
        "created_by_id": NOBODY,
        "created_at": EPOCH,
        "updated_at": EPOCH,
        "user_ids": sorted(reaching),
    }


def organization_row(row: Organization) -> dict[str, Any]:
    """An organization without its members (docs/zammad.md 9.5)."""
    return {
        "id": row.id,
        "name": row.name,
        "shared": row.shared,
        "domain": row.domain,
        "domain_assignment": row.domain_assignment,
        "active": row.active,
        "vip": False,
        "note": row.note,
        "updated_by_id": NOBODY,
        "created_by_id": NOBODY,
        "created_at": show.time(row.created),
        "updated_at": show.time(row.updated),
        "member_ids": [],
        "secondary_member_ids": [],
    }


EPOCH = "1970-01-01T00:00:00.000Z"
"""When a row was made of which the desk does not keep it."""
