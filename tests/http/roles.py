"""Permissions of roles that no function was observed to need."""

from __future__ import annotations

from dataclasses import dataclass

from local.aws.roles import Grant, like


@dataclass(frozen=True)
class Excuse:
    """Grants that no function is seen to use, and why a role has them all the same."""

    action: str
    resource: str
    reason: str
    role: str = "*"

    def covers(self, grant: Grant) -> bool:
        """Whether it speaks of this grant."""
        pairs = (
            (grant.role, self.role),
            (grant.action, self.action),
            (grant.resource, self.resource),
        )
        return all(like(value, pattern) for value, pattern in pairs)
