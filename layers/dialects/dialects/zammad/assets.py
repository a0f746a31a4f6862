"""Records with everything they refer to: people, organizations, groups, roles (docs/zammad.md 5.2).

The ids are collected first and then read together, in one round trip.
"""

from collections.abc import Iterable
from typing import Any

from dialects.zammad.catalogue.show import group_row, group_seen_by
from dialects.zammad.organizations import row as organization
from dialects.zammad.organizations.row import organization_row
from dialects.zammad.people.show import login_of, seen_by, user_row
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import NOBODY, THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import Organization, Person
from helpdesk.organizations import as_organization
from helpdesk.storage import person_items, table
from helpdesk.storage.keys import organization_key, person_key
from helpdesk.storage.reading import readable


class Directory:
    """People and organizations by id, as far as they were read.

    Args:
        known: The catalogue, which has the agents.
    """

    def __init__(self, known: Catalogue) -> None:
        self.known = known
        self._people: dict[int, Person | Agent] = {}
        self._organizations: dict[int, Organization] = {}

    def read(self, people: Iterable[int | None], organizations: Iterable[int | None] = ()) -> None:
        """Reads all of these that were not read yet; one round trip, or none."""
        agents = self.known.agents
        wanted = {one for one in people if one not in {None, NOBODY, THE_DESK}}
        self._people |= {one: agents[one] for one in wanted if one in agents}
        keys = [person_key(one) for one in wanted - self._people.keys() if one]
        keys += [organization_key(one) for one in {*organizations} - {*self._organizations} if one]
        found = table.fetch(keys).items()
        rows = [item for key, item in found if key.pk.startswith("O#")]
        persons = [item for key, item in found if key.pk.startswith("U#") and "id" in item]
        self._organizations |= {one.id: one for one in readable(as_organization, rows)}
        self._people |= {one.id: one for one in readable(person_items.as_person, persons)}

    def user(self, number: int) -> Person | Agent | None:
        """A user; None for nobody (1), the desk itself and deleted users."""
        return self._people.get(number)

    def login(self, number: int) -> str:
        """The login shown for a user."""
        return login_of(number, self.user(number))

    def organization(self, number: int | None) -> Organization | None:
        """An organization; None for none, and for a deleted one."""
        return self._organizations.get(number or 0)

    def users(self, numbers: Iterable[int | None], actor: Actor) -> dict[str, dict[str, Any]]:
        """The assets `User`, as visible to an actor."""
        ids = sorted({number for number in numbers if number})
        rows = (user_row(one, self.user(one), self.known) for one in ids)
        return {str(row["id"]): seen_by(actor, row) for row in rows}

    def organizations(
        self, numbers: Iterable[int | None], actor: Actor
    ) -> dict[str, dict[str, Any]]:
        """The assets `Organization`, as visible to an actor."""
        found = (self.organization(number) for number in sorted({one for one in numbers if one}))
        rows = (organization_row(one) for one in found if one)
        return {str(row["id"]): organization.seen_by(actor, row) for row in rows}

    def groups(self, numbers: Iterable[int], actor: Actor) -> dict[str, dict[str, Any]]:
        """The assets `Group`, as visible to an actor."""
        found = (self.known.departments.get(number) for number in sorted({*numbers}))
        rows = (group_row(row, self.known) for row in found if row)
        return {str(row["id"]): group_seen_by(actor, row) for row in rows}
