"""The mail that subscribers have received."""

from __future__ import annotations

from local.mail.mailbox import Mail
from tests.http.desk import Desk


class Outbox:
    """The mails that addresses with a word in them have got."""

    def __init__(self, desk: Desk, word: str) -> None:
        self.desk, self.word = desk, word
        self.seen = len(self.all())

    def all(self) -> list[Mail]:
        """All of them, the oldest first."""
        self.desk.cloud.drain()
        return [mail for mail in self.desk.cloud.mailbox.mails() if self.word in mail.to]

    def new(self) -> list[str]:
        """Who has got mail since the last time that this was asked."""
        mails = self.all()
        fresh, self.seen = mails[self.seen :], len(mails)
        return sorted(mail.to.partition("@")[0] for mail in fresh)
