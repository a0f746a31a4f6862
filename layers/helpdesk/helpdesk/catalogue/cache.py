"""The catalogue, cached in the container.

The rows are in one partition. Its version item, fetched in an operation's first round trip, tells
whether they have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from helpdesk.catalogue.rows import KINDS, SETTINGS, Catalogue, Row, as_id, as_row, as_settings
from helpdesk.errors import Damaged, Outdated
from helpdesk.model.settings import Settings
from helpdesk.storage import generations, table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key
from helpdesk.storage.reading import reading

BUILT_IN = ("fields", "templates")
"""The kinds of rows that the desk itself relies on."""

_kept: Catalogue | None = None


def load() -> Catalogue:
    """Reads the catalogue and caches it; one round trip. Damaged rows are left out, but for
    those that the desk relies on.
    """
    global _kept  # noqa: PLW0603 - the cache of this container
    version, settings = 0, Settings()
    rows: dict[str, dict[int, Any]] = {kind: {} for kind in KINDS}
    damaged: dict[str, set[int]] = {kind: set() for kind in KINDS}
    for item in table.query("CAT"):
        kind, _, number = item["sk"].partition("#")
        if kind == SETTINGS:
            settings = as_settings(item)
        elif kind in KINDS:
            try:
                row: Row | None = as_row(KINDS[kind], item)
            except Damaged:
                row = _stocked(kind, as_id(number) or 0)
            if row is None:
                damaged[kind].add(as_id(number) or 0)
            else:
                rows[kind][row.id] = row
        elif item["sk"] == CATALOGUE_VERSION.sk:
            version = _version(item)
    unread = {kind: frozenset(ids) for kind, ids in damaged.items()}
    _kept = read = Catalogue(version=version, settings=settings, damaged=unread, **rows)
    return read


def _version(item: Item) -> int:
    """The version in an item; 0 if it is damaged, until the next change repairs it."""
    with suppress(Damaged), reading("catalogue version", item):
        if type(item["n"]) is not int:
            raise TypeError("n")
        return int(item["n"])
    return 0


def _stocked(kind: str, number: int) -> Row | None:
    """Replaces a damaged row that the desk relies on by the stock one."""
    if kind not in BUILT_IN:
        return None
    # Long texts, which are not needed otherwise.
    from helpdesk.catalogue import stock  # noqa: PLC0415

    return next((row for row in stock.ROWS[kind] if row.id == number), None)


def if_cold() -> list[Callable[[], object]]:
    """The calls to add to a first round trip: `load`, if this container has no catalogue yet."""
    return [] if _kept else [load]


def current(found: Mapping[Key, Item] | None = None) -> Catalogue:
    """The current catalogue; read again only if its version has changed.

    `found` are the items of a first round trip, `CATALOGUE_VERSION` among its keys; without them
    the version is fetched here.
    """
    # Read only once, since another thread may empty the cache meanwhile.
    kept = _kept
    if kept is None:
        return load()
    seen = (table.fetch([CATALOGUE_VERSION]) if found is None else found).get(CATALOGUE_VERSION)
    return kept if seen and seen.get("n") == kept.version else load()


def still(read_by: Catalogue | None, found: Mapping[Key, Item]) -> Catalogue:
    """The `current` catalogue, if it is still the one with which a request was parsed.

    Args:
        read_by: That one; None if the request was parsed without one.
        found: As of `current`.

    Raises:
        Outdated: It is another one.
    """
    known = current(found)
    if read_by is not None and read_by.version != known.version:
        raise Outdated
    return known


def seen() -> Catalogue:
    """The catalogue as last read by this container; no round trip if there is one.

    For use after an operation, such as showing its result.
    """
    return _kept or load()


def forget() -> None:
    """Empties the cache."""
    global _kept  # noqa: PLW0603 - the cache of this container
    _kept = None
    generations.forget()
