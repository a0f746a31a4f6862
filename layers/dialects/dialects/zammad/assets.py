"""Records with all that they refer to: people, organizations, groups, roles (docs/zammad.md 5.2).

What is needed is noted first and read together, in one round trip.
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
        found = table.fetch(keys).items()
        rows = [item for key, item in found if key.pk.startswith("O#")]
        persons = [item for key, item in found if key.pk.startswith("U#") and "id" in item]
        self._organizations |= {one.id: one for one in readable(as_organization, rows)}
        self._people |= {one.id: one for one in readable(person_items.as_person, persons)}

    def user(self, number: int) -> Person | Agent | None:
        """Somebody; None for nobody, the desk itself, and who is gone."""
        return self._people.get(number)

    def login(self, number: int) -> str:
        """What stands for a user where one is named."""
        return login_of(number, self.user(number))

    def organization(self, number: int | None) -> Organization | None:
        """An organization; None for none, and for one that is gone."""
        return self._organizations.get(number or 0)

    def users(self, numbers: Iterable[int | None], actor: Actor) -> dict[str, dict[str, Any]]:
        """The assets `User`, as an actor sees them."""
        ids = sorted({number for number in numbers if number})
        rows = (user_row(one, self.user(one), self.known) for one in ids)
        return {str(row["id"]): seen_by(actor, row) for row in rows}

    def organizations(
        self, numbers: Iterable[int | None], actor: Actor
    ) -> dict[str, dict[str, Any]]:
        """The assets `Organization`, as an actor sees them."""
        found = (self.organization(number) for number in sorted({one for one in numbers if one}))
        rows = (organization_row(one) for one in found if one)
        return {str(row["id"]): organization.seen_by(actor, row) for row in rows}

    def groups(self, numbers: Iterable[int], actor: Actor) -> dict[str, dict[str, Any]]:
        """The assets `Group`, as an actor sees them."""
        found = (self.known.departments.get(number) for number in sorted({*numbers}))
        rows = (group_row(row, self.known) for row in found if row)
        return {str(row["id"]): group_seen_by(actor, row) for row in rows}
