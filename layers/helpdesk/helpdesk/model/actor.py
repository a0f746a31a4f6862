"""Who acts, and the API keys that actors come from."""

from dataclasses import dataclass
from datetime import datetime

NOBODY = 1
"""The person behind tickets without a sender; never an owner of anything."""

THE_DESK = 2
"""The desk itself: keys that are bound to no one act under this id."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and how far they see (docs/keys.md). Every operation takes one.

    `departments` empty means all; `customer` limits the key to one person's tickets and those of
    the shared `organizations` of that person; `agent` is the agent it acts as. The desk's own
    background work acts as `SYSTEM`.
    """

    key: int | None = None
    permissions: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset()
    agent: int | None = None
    customer: int | None = None
    organizations: frozenset[int] = frozenset()

    def may(self, *permissions: str) -> bool:
        """Whether the key has at least one of these permissions."""
        return not self.permissions.isdisjoint(permissions)

    @property
    def me(self) -> int:
        """Under whose id it acts."""
        return self.agent or self.customer or THE_DESK

    @property
    def bound(self) -> bool:
        """Whether the key sees only a part of the desk: then it changes nothing for the whole."""
        return bool(self.departments) or self.customer is not None


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret (docs/keys.md)."""

    id: int
    name: str
    permissions: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    active: bool = True
    expires: datetime | None = None
    departments: frozenset[int] = frozenset()
    agent: int | None = None
    customer: int | None = None
    created: datetime | None = None
    last_used: datetime | None = None
    version: int = 1
