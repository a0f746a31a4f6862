"""The settings of the desk, which are in the catalogue, including the ban list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import SETTINGS, Catalogue
from helpdesk.directory import rules, versions
from helpdesk.errors import (
    Invalid,
    NotAllowed,
    Problem,
)
from helpdesk.events import history
from helpdesk.model.actor import Actor
from helpdesk.model.settings import Settings

Values = Mapping[str, Any]

MOST_BANNED = 1_000
"""Addresses on the ban list: it is one item with all other settings."""


def find_settings(actor: Actor) -> Settings:
    """The settings as they are now.

    Raises:
        NotAllowed: The key is a customer's.
    """
    if actor.customer is not None:
        raise NotAllowed("can_manage_desk")
    return cache.current().settings


def update_settings(
    actor: Actor, values: Values, unchanged: Callable[[Settings], None] | None = None
) -> Settings:
    """The settings with other values.

    Raises:
        NotAllowed: The key sees only part of the desk.
        Invalid: A row that a setting names does not exist or cannot be used for a new ticket.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> versions.Change[Settings]:
        if unchanged:
            unchanged(before.settings)
        settings = replace(before.settings, **values)
        after = replace(before, settings=settings)
        rules.check_references(after, SETTINGS, settings)
        if unfit := rules.unfit_default(after):
            raise Invalid(Problem(unfit, "unfit"))
        return versions.Change(
            event="settings_changed",
            data={"fields": sorted(values)},
            changes=history.differences(versions.told(before.settings), versions.told(settings)),
            after=after,
            writes=[versions.put(SETTINGS, 0, settings)],
            result=settings,
        )

    return versions.change(actor, make)


@dataclass(frozen=True, slots=True)
class BanList:
    """The ban list after a change, and the entries added and removed by it."""

    addresses: tuple[str, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def update_ban_list(actor: Actor, add: Iterable[str], remove: Iterable[str]) -> BanList:
    """Adds and removes addresses of the ban list, independent of concurrent changes. Existing ones
    are not added again; missing ones are ignored.

    Raises:
        NotAllowed: The key sees only part of the desk.
        Invalid: `add` (`too_many`): there would be more than MOST_BANNED.
        ChangedUnderYou: Others kept changing the catalogue.
    """
    wanted, unwanted = tuple(dict.fromkeys(add)), frozenset(remove)

    def make(before: Catalogue, _last: Mapping[str, int]) -> versions.Change[BanList]:
        listed = before.settings.ban_list
        kept = tuple(one for one in listed if one not in unwanted)
        added = tuple(one for one in wanted if one not in kept)
        if len(kept) + len(added) > MOST_BANNED:
            raise Invalid(Problem("add", "too_many", detail=str(MOST_BANNED)))
        settings = replace(before.settings, ban_list=(*kept, *added))
        gone = tuple(one for one in listed if one not in settings.ban_list)
        new = tuple(one for one in added if one not in listed)
        return versions.Change(
            event="settings_changed",
            data={"fields": ["ban_list"]},
            changes=history.differences(versions.told(before.settings), versions.told(settings)),
            after=replace(before, settings=settings),
            writes=[versions.put(SETTINGS, 0, settings)] if new or gone else [],
            result=BanList(settings.ban_list, new, gone),
        )

    return versions.change(actor, make)
