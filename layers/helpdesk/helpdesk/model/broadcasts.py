"""Broadcasts: one mail to every subscriber about a change of a ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broadcast:
    """The progress of a broadcast. `sent` and `skipped` count people; the rest of `total` is still
    to be mailed. Times are as stored.
    """

    id: str
    ticket: int
    what: str
    started: str
    total: int = 0
    sent: int = 0
    skipped: int = 0
    finished: str = ""

    @property
    def left(self) -> int:
        """How many people have yet to be written to."""
        return max(self.total - self.sent - self.skipped, 0)
