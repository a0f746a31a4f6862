"""The parameters of any request (docs/zammad.md 1): query string and JSON body combined, flags,
pages, ids, and the actor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialects import json_reading, parameters
from dialects.endpoint import Request
from dialects.zammad.refuse import Refusal
from helpdesk.errors import NotFound
from helpdesk.model.actor import Actor

ON = frozenset({"true", "1"})
"""Values that switch a flag on, besides JSON true; `True` and `yes` do not."""

LONGEST_REFERENCE = 100
"""Most characters of an id that are repeated in an error text."""


@dataclass(frozen=True, slots=True)
class Bag:
    """The parameters of a request; those in the body take precedence over the query string."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str) -> Any:
        """A value as sent; None if there is none."""
        return self.values.get(name)

    def flag(self, name: str) -> bool:
        """Whether a flag is on (docs/zammad.md 1.1)."""
        value = self.values.get(name)
        return value is True or (not isinstance(value, bool) and str(value) in ON)

    def text(self, name: str) -> str:
        """A value as text; empty for none, and for lists and objects."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, str | int | float) else ""

    def whole(self, name: str) -> int | None:
        """A whole number, also from text; None for anything else."""
        return None if isinstance(self.get(name), bool) else parameters.whole(self.text(name))

    def listed(self, name: str) -> list[str]:
        """Several values, from a list or comma-separated text."""
        value = self.values.get(name)
        if isinstance(value, list):
            return [str(one).strip() for one in value if isinstance(one, str | int)]
        return [part for one in self.text(name).split(",") if (part := one.strip())]


def bag(request: Request) -> Bag:
    """The parameters of a request, query and body combined.

    Raises:
        Refusal: 400, if the body is not JSON.
    """
    values: dict[str, Any] = {}
    for name, given in request.queries.items():
        if name.endswith("[]"):
            values[name[:-2]] = list(given)
        else:
            values[name] = given[-1]
    if request.body.strip():
        try:
            body = json_reading.read(request.body)
        except json_reading.NotJson as bad:
            raise Refusal(400, "The request body is not valid JSON.") from bad
        if isinstance(body, dict):
            values |= body
    return Bag(values)


@dataclass(frozen=True, slots=True)
class Window:
    """A requested part of a list."""

    offset: int
    limit: int


def window(values: Bag, default: int, most: int) -> Window:
    """The requested page (docs/zammad.md 1.2); the default for values that are not numbers."""
    size = values.whole("per_page") or values.whole("limit") or default
    size = min(max(size, 1), most)
    page = min(max(values.whole("page") or 1, 1), 10**9)
    return Window((page - 1) * size, size)


def number(request: Request, what: str, name: str = "id") -> int:
    """The id in a request's path.

    Raises:
        NotFound: Not a possible id.
    """
    given = request.params[name]
    found = parameters.id_of(given)
    if not found:
        raise NotFound(what, given[:LONGEST_REFERENCE])
    return found


# --- who acts -------------------------------------------------------------------------------


def actor(request: Request) -> Actor:
    """The actor: the key's own, or the user named by `From` (docs/zammad.md 2.1). The key's
    permissions and limits apply to both.

    Three or four round trips if a user is named.

    Raises:
        Refusal: 403, if the key lacks the permission, or there is no such user.
    """
    given = request.headers.get("from") or request.headers.get("x-on-behalf-of") or ""
    wanted = given.strip().lower()
    if not wanted:
        return request.actor
    caller = request.actor
    if caller.customer is not None or not caller.may("can_act_for_others"):
        raise Refusal(403, "Current user has no permission to use 'From'/'X-On-Behalf-Of'!")
    # Most requests act for themselves, and need not load the lookup code.
    from dialects.zammad import acting  # noqa: PLC0415

    return acting.acting_as(caller, wanted, given[:LONGEST_REFERENCE])
