"""Actors, and the API keys that they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

NOBODY = 1
"""The person of tickets without a sender; never owns anything."""

THE_DESK = 2
"""The desk itself: keys that are bound to no one act under this id."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of an operation, and which part of the desk they see (docs/keys.md).

    `departments` empty means all; `customer` limits the key to one person's tickets and those of
    the shared `organizations` of that person; `agent` is the agent it acts as. `user` is who has
    signed in and acts as the key, empty if the key itself was used. The desk's own background work
    acts as `SYSTEM`.
    """

    key: int | None = None
    permissions: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset()
    agent: int | None = None
    customer: int | None = None
    organizations: frozenset[int] = frozenset()
    user: str = ""

    def may(self, *permissions: str) -> bool:
        """Whether the key has at least one of these permissions."""
        return not self.permissions.isdisjoint(permissions)

    @property
    def me(self) -> int:
        """The id under which it acts."""
        return self.agent or self.customer or THE_DESK

    @property
    def bound(self) -> bool:
        """Whether the key sees only part of the desk: then it may change nothing that concerns the
        whole.
        """
        return bool(self.departments) or self.customer is not None


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class OldSecret:
    """The secret before the last rotation, while it still works."""

    hint: str
    ends: datetime
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """The key that created another one, and its name at that time."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret (docs/keys.md).

    `hint` is the beginning of the secret, empty for older keys. `last_used` is that of any of its
    secrets, `secret_used` that of the newest. `counted` tells whether API Gateway counts it
    separately. `dismissed` holds advice that admins do not want to see, and until when.
    `last_managing` tells that it is the only managing key, which the desk refuses to lose.
    """

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
    secret_used: datetime | None = None
    hint: str = ""
    created_by: Maker | None = None
    old_secret: OldSecret | None = None
    counted: bool = False
    dismissed: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    last_managing: bool = False
