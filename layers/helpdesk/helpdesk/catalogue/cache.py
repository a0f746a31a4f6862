"""The catalogue as this container has read it.

It lies in one partition. One version item, fetched with an operation's first round trip, tells
whether it has changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from helpdesk.catalogue.rows import KINDS, SETTINGS, Catalogue, as_row
from helpdesk.model.settings import Settings
from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key

_kept: Catalogue | None = None


def load() -> Catalogue:
    """The catalogue as it is now, in one trip; kept for the container. Errors: Throttled,
    Unavailable.
    """
    global _kept  # noqa: PLW0603 - the cache of this container
    version, settings = 0, Settings()
    rows: dict[str, dict[int, Any]] = {kind: {} for kind in KINDS}
    for item in table.query("CAT"):
        kind, _, row = item["sk"].partition("#")
        if kind == SETTINGS:
            settings = as_row(Settings, item)
        elif kind in KINDS:
            rows[kind][int(row)] = as_row(KINDS[kind], item)
        else:
            version = item["n"]
    _kept = Catalogue(version=version, settings=settings, **rows)
    return _kept


def if_cold() -> list[Callable[[], object]]:
    """What goes along with a first trip: reading the catalogue, where this container has none."""
    return [] if _kept else [load]


def current(found: Mapping[Key, Item] | None = None) -> Catalogue:
    """The catalogue, read again only where its version moved.

    `found` is what a first trip has fetched, `CATALOGUE_VERSION` among its keys; without it the
    version is fetched here. Errors: Throttled, Unavailable.
    """
    if _kept is None:
        return load()
    seen = (table.fetch([CATALOGUE_VERSION]) if found is None else found).get(CATALOGUE_VERSION)
    return _kept if seen and seen["n"] == _kept.version else load()


def seen() -> Catalogue:
    """The catalogue that this request has already looked at: no trip where the container has one.

    For what follows an operation, such as showing its result.
    """
    return _kept or load()


def forget() -> None:
    """Drops what the container keeps."""
    global _kept  # noqa: PLW0603 - the cache of this container
    _kept = None
