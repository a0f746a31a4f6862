"""The desk's errors.

Each dialect translates them in its `refuse.py`; nothing here is shown to callers.
"""

from dataclasses import dataclass
from typing import Any


class DeskError(Exception):
    """The base class of the desk's errors."""


class NotFound(DeskError):
    """It does not exist, or the actor may not see it: then it is `hidden`, which is reported only
    by dialects whose original does.
    """

    def __init__(self, what: str, ref: object = None, *, hidden: bool = False) -> None:
        super().__init__(f"{what} {ref}" if ref is not None else what)
        self.what = what
        self.ref = ref
        self.hidden = hidden


class NotAttached(DeskError):
    """The file is no thread's, and so not for downloads (docs/osticket.md, row 34)."""

    def __init__(self, file: int) -> None:
        super().__init__(f"file {file}")


class Inactive(DeskError):
    """A catalogue row exists but is switched off."""

    def __init__(self, what: str, ref: object = None) -> None:
        super().__init__(f"{what} {ref} is not active")
        self.what = what
        self.ref = ref


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field.

    `reason` is a word a dialect can translate (`required`, `phone`, `email`, `too_long`, ...);
    `label` is the field's name in the desk's form, `detail` further data for the message.
    """

    field: str
    reason: str
    label: str = ""
    detail: str = ""


class Invalid(DeskError):
    """The request is invalid; holds every problem found, in the form's order."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.field}: {p.reason}" for p in problems))
        self.problems = problems


class NotAllowed(DeskError):
    """The key lacks a permission, or would grant one that it does not have."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class Banned(DeskError):
    """The sender's address is on the ban list."""

    def __init__(self, address: str) -> None:
        super().__init__("banned sender")
        self.address = address


class Duplicate(DeskError):
    """This mail was received before, or is the desk's own: it belongs to `ticket`."""

    def __init__(self, ticket: int, number: str = "") -> None:
        super().__init__(f"ticket {ticket}")
        self.ticket = ticket
        self.number = number


class TooManyOpen(DeskError):
    """The requester already has as many open tickets as the desk allows."""


class Conflict(DeskError):
    """The request contradicts stored data; `reason` is a word a dialect can translate, `detail`
    further data for the message.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class InUse(Conflict):
    """A row is still referenced; `uses` are the references (`helpdesk.directory.uses.Uses`)."""

    def __init__(self, detail: str, uses: Any) -> None:
        super().__init__("in_use", detail)
        self.uses = uses


class ChangedUnderYou(Conflict):
    """Others kept changing the same item until retries were exhausted."""

    def __init__(self) -> None:
        super().__init__("changed_meanwhile")


class Outdated(Conflict):
    """The catalogue has changed since the caller has read the request by it. Nothing was written;
    the catalogue that the container has is the new one.
    """

    def __init__(self) -> None:
        super().__init__("changed_meanwhile")


class Merged(Conflict):
    """The ticket was merged into another one at this moment."""

    def __init__(self) -> None:
        super().__init__("merged")


class KeyReused(Conflict):
    """The Idempotency-Key was used before with another body."""

    def __init__(self) -> None:
        super().__init__("idempotency_key_reused")


class TooLarge(DeskError):
    """A limit is exceeded; `limit` is in the unit of `what`."""

    def __init__(self, what: str, limit: int, name: str = "") -> None:
        super().__init__(f"{what} over {limit} {name}".strip())
        self.what = what
        self.limit = limit
        self.name = name


class TooWide(DeskError):
    """So many tickets match that a full answer costs too much, and a short one would be wrong."""

    def __init__(self) -> None:
        super().__init__("too many matches")


class Damaged(DeskError):
    """A stored item cannot be read; `kind` is its kind. It has been logged with its key."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Throttled(DeskError):
    """AWS throttled the request; nothing was written."""


class Unavailable(DeskError):
    """AWS did not answer or failed; whether the write happened may be unknown."""


class AlreadyAnswered(DeskError):
    """This Idempotency-Key was used before; holds the recorded answer, to be sent again."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("already answered")
        self.answer = answer
