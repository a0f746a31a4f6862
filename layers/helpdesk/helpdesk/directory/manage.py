"""The directory: everything that admins with `can_manage_directory` can list and change.

The kinds are those of the catalogue, and `organizations`, which are too many for it
(docs/aws.md m31).
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from helpdesk import organizations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import KINDS, Row
from helpdesk.directory import changes, uses
from helpdesk.directory.uses import Uses
from helpdesk.directory.wanted import WantedRows
from helpdesk.errors import NotFound
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization

ORGANIZATIONS = "organizations"

Check = Callable[[Row | Organization], None]
"""A precondition of the caller on a row before a change; raises if it fails."""


def find_uses(actor: Actor, kind: str, number: int) -> Uses:
    """The uses of a row; at most three round trips.

    Raises:
        NotAllowed: The key is a customer's.
        NotFound: There is none.
    """
    find_row(actor, kind, number)
    if kind == ORGANIZATIONS:
        return uses.of_organization(number)
    return uses.of_row(cache.seen(), kind, number)


def list_rows(
    actor: Actor, kind: str, *, after: int, limit: int, wanted: WantedRows | None = None
) -> tuple[list[Row] | list[Organization], int | None]:
    """Rows by id, starting after `after`; and the `after` of the next page, or None at the end.
    Organizations are read until the page is full.

    Raises:
        NotAllowed: The key is a customer's.
        NotFound: There is no such kind.
    """
    _check_kind(kind)
    fits = (wanted or WantedRows()).fits
    if kind == ORGANIZATIONS:
        return _organizations(actor, fits, after, limit)
    behind = (row for row in changes.list_rows(actor, kind) if row.id > after and fits(row))
    rows = list(islice(behind, limit + 1))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def _organizations(
    actor: Actor, fits: Callable[[Organization], bool], after: int, limit: int
) -> tuple[list[Organization], int | None]:
    found: list[Organization] = []
    more: int | None = after
    while more is not None and len(found) <= limit:
        page, more = organizations.list_organizations(actor, after=more, limit=MOST_LISTED)
        found += filter(fits, page)
    following = len(found) > limit or more is not None
    return found[:limit], found[limit - 1].id if following and len(found) >= limit else None


MOST_LISTED = 100
"""Organizations that are read at once."""


def find_row(actor: Actor, kind: str, number: int) -> Row | Organization:
    """One row.

    Raises:
        NotAllowed: The key is a customer's.
        NotFound: There is none.
    """
    _check_kind(kind)
    if kind == ORGANIZATIONS:
        return organizations.find_organization(actor, number)
    return changes.find_row(actor, kind, number)


def create_row(
    actor: Actor, kind: str, values: Mapping[str, Any], once: IdempotencyRecord | None = None
) -> Row | Organization:
    """A new row. Errors as `changes.create_row` and `organizations.create_organization`."""
    _check_kind(kind)
    if kind == ORGANIZATIONS:
        return organizations.create_organization(actor, values, once)
    return changes.create_row(actor, kind, values, once)


def update_row(
    actor: Actor, kind: str, number: int, values: Mapping[str, Any], unchanged: Check | None = None
) -> Row | Organization:
    """A row with other values. Errors as `changes.update_row` and
    `organizations.update_organization`.
    """
    _check_kind(kind)
    if kind == ORGANIZATIONS:
        return organizations.update_organization(actor, number, values, unchanged=unchanged)
    return changes.update_row(actor, kind, number, values, unchanged)


def delete_row(actor: Actor, kind: str, number: int, unchanged: Check | None = None) -> None:
    """Removes a row that nothing refers to. Errors as `changes.delete_row` and
    `organizations.delete_organization`.
    """
    _check_kind(kind)
    if kind == ORGANIZATIONS:
        organizations.delete_organization(actor, number, unchanged)
    else:
        changes.delete_row(actor, kind, number, unchanged=unchanged)


def _check_kind(kind: str) -> None:
    if kind not in KINDS and kind != ORGANIZATIONS:
        raise NotFound("kind", kind)
