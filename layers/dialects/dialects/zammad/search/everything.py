"""Searches for tickets, users and organizations at once (docs/zammad.md 17.24)."""

from collections.abc import Callable, Mapping
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import read, show
from dialects.zammad.collection import Assets
from dialects.zammad.organizations import show as organizations_show
from dialects.zammad.people import show as people_show
from dialects.zammad.read import LONGEST_REFERENCE, Bag, Window
from dialects.zammad.refuse import Refusal
from dialects.zammad.search import organizations, tickets, users
from helpdesk.model.actor import Actor

DEFAULT_PAGE, LARGEST_PAGE = 10, 200

Found = tuple[list[int], Assets]
"""The ids of a page in their order, and the records with everything they refer to."""


def search(actor: Actor, values: Bag, models: str) -> Response:
    """The results of a query among some kinds of records, each with its own page; as many round
    trips as the single searches take. Customers find tickets only.

    Args:
        actor: Who asks.
        values: The parameters; `sort_by` and filters are ignored.
        models: The kinds, separated by hyphens; empty for all.

    Raises:
        Refusal: 422, for an unknown kind, and if more would have to be read than a search may.
        TooWide: The same for tickets.
    """
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    asked = Bag({"query": values.text("query") or values.text("term")})
    result: list[dict[str, Any]] = []
    assets: dict[str, dict[str, Any]] = {}
    for model in _models(models):
        ids, around = _FINDERS[model](actor, asked, window)
        result += [{"type": model, "id": number} for number in ids]
        for name, rows in around.items():
            assets[name] = {**assets.get(name, {}), **rows}
    assets = {name: rows for name, rows in assets.items() if rows}
    return show.document({"result": result, "assets": assets}, "found.json")


def _models(named: str) -> list[str]:
    if not named:
        return list(_FINDERS)
    known = {model.lower(): model for model in _FINDERS}
    found = []
    for name in named.split("-"):
        if name.lower() not in known:
            shown = name[:LONGEST_REFERENCE]
            raise Refusal(422, f"Invalid value for param 'objects': \"{shown}\"")
        found.append(known[name.lower()])
    return list(dict.fromkeys(found))


def _tickets(actor: Actor, asked: Bag, window: Window) -> Found:
    shapes, _ = tickets.find(actor, asked, window)
    shapes.read()
    return [ticket.id for ticket in shapes.tickets], shapes.assets()


def _users(actor: Actor, asked: Bag, window: Window) -> Found:
    if not _knows_people(actor):
        return [], {}
    page, _ = users.find(asked, window)
    around = people_show.Around(page, Bag({"full": True}), actor)
    return [row["id"] for row in page], around.assets(page)


def _organizations(actor: Actor, asked: Bag, window: Window) -> Found:
    if not _knows_people(actor):
        return [], {}
    page, _ = organizations.find(asked, window)
    return organizations_show.with_members(actor, page)


def _knows_people(actor: Actor) -> bool:
    return actor.customer is None and actor.may("can_read_tickets", "can_manage_directory")


_FINDERS: Mapping[str, Callable[[Actor, Bag, Window], Found]] = {
    "Ticket": _tickets,
    "User": _users,
    "Organization": _organizations,
}
