"""The catalogue, cached in the container.

The rows lie in one partition. Its version item, fetched in an operation's first round trip, tells
whether they have changed since.
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
    """Reads the catalogue and caches it; one round trip."""
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
    """What to call with a first round trip: `load`, where this container has no catalogue yet."""
    return [] if _kept else [load]


def current(found: Mapping[Key, Item] | None = None) -> Catalogue:
    """The catalogue as it is now; read again only where its version has changed.

    `found` are the items of a first round trip, `CATALOGUE_VERSION` among its keys; without them
    the version is fetched here.
    """
    if _kept is None:
        return load()
    seen = (table.fetch([CATALOGUE_VERSION]) if found is None else found).get(CATALOGUE_VERSION)
    return _kept if seen and seen["n"] == _kept.version else load()


def seen() -> Catalogue:
    """The catalogue as this request has seen it: no round trip where the container has one.

    For what follows an operation, such as showing its result.
    """
    return _kept or load()


def forget() -> None:
    """Empties the cache."""
    global _kept  # noqa: PLW0603 - the cache of this container
    _kept = None
