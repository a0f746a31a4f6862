"""Searches for users: people and agents (docs/zammad.md 9.4 and 17.16).

Words of names, addresses and logins of people are indexed, and so are the names of organizations,
whose members are listed. A query that the indexes cannot narrow is evaluated on all people, up to a
limit: a result is never incomplete. Agents and the desk itself are always evaluated.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from dialects import parameters
from dialects.endpoint import Response
from dialects.zammad import collection, names, read
from dialects.zammad.catalogue.show import PERMISSIONS
from dialects.zammad.collection import Record
from dialects.zammad.people import show
from dialects.zammad.read import Bag
from dialects.zammad.refuse import Refusal
from dialects.zammad.search import language
from dialects.zammad.search.records import Asked, Leaf, candidates, ids_asked, leaves, reads
from dialects.zammad.search.tree import NotReadable, Query, Term
from helpdesk import operations, organizations, people
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.index import postings
from helpdesk.model.actor import THE_DESK, Actor
from helpdesk.model.people import Organization
from helpdesk.queries import limits
from helpdesk.queries.naming import longest_piece
from helpdesk.storage import aws, posting_items
from helpdesk.storage.posting_items import Named

DEFAULT_PAGE, LARGEST_PAGE = 50, 200

MOST_SORTED = limits.PROBE
"""Most people who are all read for sorting if there is no query; of more, the newest come first.
"""

MOST_PASSED = 1_000_000
"""Most people who are listed to reach a page."""

MOST_LISTED = 25
"""Most organizations whose members are read for one word."""

_ANYWHERE = ("login", "email", "firstname", "lastname")
_NAMED = {"firstname", "lastname", "name"}
_WHOLE = {"login", "email"}
_ORGANIZATION = {"organization", "organization.name"}
_ORGANIZATION_ID = {"organization_id", "organization.id", "organization_ids"}

_CUSTOMER = 3


class Found(NamedTuple):
    """A page of users with everything known about them, and the number of all matches."""

    records: Sequence[Record]
    total: int


def search(actor: Actor, values: Bag) -> Response:
    """The response to a search by somebody who may see all users: 2 to 3 round trips, and one for
    `expand` and `full`.

    Raises:
        Refusal: 422, for an unknown order, and if more would have to be read than a search may.
    """
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    page, total = find(values, window)
    around = show.Around(page, values, actor)
    return collection.found(
        values,
        around.records,
        total,
        names=around.names,
        assets=around.assets,
        labelled=partial(_labelled, values),
    )


def find(values: Bag, window: read.Window) -> Found:
    """The users of a page, and the number of all matches. Raises as `search`."""
    try:
        query = language.read(values.text("query") or values.text("term"))
    except NotReadable:
        return Found([], 0)
    if query is None and not _narrowed(values):
        return _everybody(values, window)
    sought = _Sought(query)
    found, _ = operations.first_round_trip([], calls=sought.calls())
    known = cache.current(found)
    sought.resolve()
    wanted = _Filters(values, known)
    rows = _staff(known)
    if wanted.customers:
        among = candidates(query, sought.sets) if query else None
        rows += _people(_both(wanted.ids, among), known)
    sought.read_organizations(rows)
    asked = Asked(_ANYWHERE, sought.meets)
    matches = [
        row
        for row in rows
        if wanted.hold(row) and (query is None or asked.holds(query, _in_full(row)))
    ]
    ordered = collection.order_found(matches, values)
    return Found(ordered[window.offset :][: window.limit], len(ordered))


def _both(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _in_full(row: Record) -> Record:
    """A user with the attributes that can be searched but are not shown."""
    roles = [names.ROLES[number] for number in row["role_ids"]]
    name = f"{row['firstname']} {row['lastname']}".strip()
    return {**row, "name": name, "roles": roles, "organization": row["organization_id"]}


def _labelled(values: Bag, row: Record) -> Record:
    """A user in the shape for autocompletion (docs/zammad.md 17.7)."""
    name = f"{row['firstname']} {row['lastname']}".strip() or row["email"] or row["login"]
    line = f"{name} <{row['email']}>" if row["email"] and name != row["email"] else name
    if values.text("term"):
        label = {"id": row["id"], "label": line, "value": row["email"]}
        return {**label, "inactive": not row["active"]}
    return {"id": row["id"], "label": line, "value": line}


# --- no query -------------------------------------------------------------------------------


def _everybody(values: Bag, window: read.Window) -> Found:
    """A page of all users: sorted if there are at most MOST_SORTED, else the newest first."""
    newest: list[int] = []
    found, _ = operations.first_round_trip(
        [], calls=[lambda: newest.extend(people.newest_people(MOST_SORTED + 1))]
    )
    known = cache.current(found)
    staff = _staff(known)
    if len(newest) <= MOST_SORTED or values.listed("sort_by") or values.listed("order_by"):
        ids = frozenset(newest) if len(newest) <= MOST_SORTED else None
        ordered = collection.order_found(staff + _people(ids, known), values)
        return Found(ordered[window.offset :][: window.limit], len(ordered))
    counts = any(values.flag(one) for one in ("only_total_count", "with_total_count", "full"))
    end = window.offset + window.limit
    total = len(staff) + (people.count_people() if counts else len(newest))
    if end > len(newest):
        newest = people.newest_people(min(end, MOST_PASSED))
    by_id = {row["id"]: row for row in staff}
    page = sorted({*newest, *by_id}, reverse=True)[window.offset : end]
    by_id |= {row["id"]: row for row in _people(frozenset(page) - by_id.keys(), known)}
    return Found([by_id[number] for number in page if number in by_id], total)


def _staff(known: Catalogue) -> list[Record]:
    """The agents, and the desk itself; the user nobody is never shown."""
    agents = sorted(known.agents.items())
    return [
        show.user_row(THE_DESK, None, known),
        *(show.user_row(number, agent, known) for number, agent in agents),
    ]


def _people(ids: frozenset[int] | None, known: Catalogue) -> list[Record]:
    """The people with these ids; all if it is None.

    Raises:
        Refusal: 422, if there are too many to read.
    """
    if ids is None:
        ids = frozenset(people.newest_people(limits.MOST_CANDIDATES + 1))
    if len(ids) > limits.MOST_CANDIDATES:
        raise Refusal(422, "Too many users match. Please narrow the search.")
    found = people.find_users(ids - known.agents.keys())
    return [show.user_row(number, found[number], known) for number in sorted(found)]


# --- filters --------------------------------------------------------------------------------

_FILTERS = ("ids", "role_ids", "group_ids", "permissions")


def _narrowed(values: Bag) -> bool:
    return any(values.get(name) not in (None, "", [], {}) for name in _FILTERS)


class _Filters:
    """The filters besides the query: ids, roles, groups, permissions."""

    def __init__(self, values: Bag, known: Catalogue) -> None:
        self._known = known
        self.ids = ids_asked("ids", values)
        self._roles = ids_asked("role_ids", values)
        self._groups = ids_asked("group_ids", values)
        wanted = set(values.listed("permissions"))
        if wanted:
            may = {number for number, name in names.ROLES.items() if _grants(name, wanted)}
            self._roles = frozenset(may if self._roles is None else may & self._roles)

    @property
    def customers(self) -> bool:
        """Whether people who are not agents can match."""
        return self._groups is None and (self._roles is None or _CUSTOMER in self._roles)

    def hold(self, row: Record) -> bool:
        """Whether a user passes the filters."""
        groups = {int(number) for number in row["group_ids"]}
        return (
            (self.ids is None or row["id"] in self.ids)
            and (self._roles is None or not self._roles.isdisjoint(row["role_ids"]))
            and (self._groups is None or not self._groups.isdisjoint(groups))
        )


def _grants(role: str, wanted: set[str]) -> bool:
    """Whether a role has one of these permissions; `admin` includes `admin.user`."""
    granted = PERMISSIONS[role]
    return any(one == may or one.startswith(f"{may}.") for one in wanted for may in granted)


# --- index lookups --------------------------------------------------------------------------


class _Sought:
    """The index lookups of a query: the people and organizations with matching names."""

    def __init__(self, query: Query | None) -> None:
        self.sets: dict[Leaf, frozenset[int] | None] = {}
        self._leaves = list(dict.fromkeys(leaves(query))) if query else []
        self._pieces = {leaf: piece for leaf in self._leaves if (piece := _piece(leaf))}
        self._named: dict[str, Named | None] = {}
        self._rows: dict[int, Organization] = {}

    def calls(self) -> list[partial[None]]:
        """The lookups to run with the first round trip."""
        return [partial(self._look_up, piece) for piece in sorted({*self._pieces.values()})]

    def _look_up(self, piece: str) -> None:
        self._named[piece] = posting_items.named(piece, limits.MOST_CANDIDATES)

    def resolve(self) -> None:
        """Fills `sets`: one round trip if a test may refer to organizations."""
        meant = {leaf: self._organizations(leaf) for leaf in self._leaves}
        ids = {number for found in meant.values() for number in found or ()}
        few = [found for found in meant.values() if found and len(found) <= MOST_LISTED]
        members: dict[int, frozenset[int]] = {}
        aws.together(
            lambda: self._rows.update(organizations.find_organizations(ids)),
            *(partial(_list_members, one, members) for one in sorted({*chain(*few)})),
        )
        for leaf, found in meant.items():
            self.sets[leaf] = self._set(leaf, found, members)

    def _organizations(self, leaf: Leaf) -> frozenset[int] | None:
        """The organizations that a test may refer to; None if there are too many."""
        name, test = leaf
        if name in _ORGANIZATION_ID and isinstance(test, Term):
            number = parameters.id_of(test.text)
            return frozenset() if number is None else frozenset({number})
        if leaf not in self._pieces or name not in {None, *_ORGANIZATION}:
            return frozenset()
        found = self._named[self._pieces[leaf]]
        return found.organizations if found else None

    def _set(
        self,
        leaf: Leaf,
        meant: frozenset[int] | None,
        members: Mapping[int, frozenset[int]],
    ) -> frozenset[int] | None:
        """The people who may match a test."""
        name, test = leaf
        if name == "id" and isinstance(test, Term) and test.text.isdecimal():
            return frozenset(filter(None, [parameters.id_of(test.text)]))
        called = [] if meant is None else [one for one in meant if self._is_called(leaf, one)]
        if meant is None or any(one not in members for one in called):
            return None
        within = frozenset().union(*(members[one] for one in called))
        if name in _ORGANIZATION_ID | _ORGANIZATION:
            return within if isinstance(test, Term) and test.text != "*" else None
        found = self._named.get(self._pieces.get(leaf, ""))
        return found.people | within if found else None

    def _is_called(self, leaf: Leaf, organization: int) -> bool:
        name, test = leaf
        row = self._rows.get(organization)
        if name in _ORGANIZATION_ID:
            return True
        return row is not None and isinstance(test, Term) and reads(row.name, test)

    def read_organizations(self, users: Iterable[Record]) -> None:
        """Reads these users' organizations if a test may refer to one not found in the index."""
        if any(self._organizations(leaf) is None for leaf in self._leaves):
            ids = {one for user in users for one in _organizations_of(user)} - self._rows.keys()
            self._rows |= organizations.find_organizations(ids)

    def meets(self, leaf: Leaf, user: Record) -> bool:
        """Whether a user matches a test by one of their organizations."""
        if leaf[0] not in {None, *_ORGANIZATION, *_ORGANIZATION_ID} or not self._leaves:
            return False
        if leaf[0] in _ORGANIZATION_ID:
            meant = self._organizations(leaf) or frozenset()
            return not meant.isdisjoint(_organizations_of(user))
        return any(self._is_called(leaf, one) for one in _organizations_of(user))


def _piece(leaf: Leaf) -> str:
    """The text to look up in the index of names for a test; empty if there is none."""
    name, test = leaf
    if not isinstance(test, Term) or name not in {None, *_WHOLE, *_NAMED, *_ORGANIZATION}:
        return ""
    return longest_piece([postings.searched(test.text)])


def _list_members(organization: int, into: dict[int, frozenset[int]]) -> None:
    first, others = organizations.members(organization)
    into[organization] = frozenset({*first, *others})


def _organizations_of(record: Record) -> set[int]:
    first = record["organization_id"]
    return {*record["organization_ids"], *([first] if first else [])}
