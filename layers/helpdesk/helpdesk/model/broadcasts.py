"""Broadcasts: one mail to everybody who is to hear of a change of a ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broadcast:
    """How far a broadcast has come. `sent` and `skipped` count people; those who are left are the
    rest of `total`. Times are as they are stored.
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
