"""Hands mails to SES as fast as it takes them, and asks it nothing while it takes none.

What SES says of the whole account is noted in one item, which all who send read first: while it
stands there, and its time has not come, nobody asks SES, and all mail waits (docs/mail.md,
"What SES refuses"; docs/decisions/0027). The rate is the account's, divided among the containers
that send.
"""

import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from aws_lambda_powertools import Logger

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import Damaged, Throttled, Unavailable
from helpdesk.storage import accounts, ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MAIL_STOPPED
from helpdesk.storage.reading import make, reading
from helpdesk.storage.ses import MailRejected, SendingStopped, SendingTooFast

log = Logger()

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
"""How long nobody asks SES after it has stopped the account: at first, and at most; each time twice
as long as before.
"""

BURST = 2
"""Mails that a container sends before it asks for the account's rate: a confirmation and an alert
are no reason to wait for one more answer of AWS.
"""

UNKNOWN_RATE = 1.0
"""Mails a second until the rate is known: what SES allows in its sandbox."""

RATE_KEPT = 600.0
"""Seconds for which a container goes by what SES has said of the rate."""

PATIENCE = 8.0
"""Seconds for which the mails of one event wait for their turn; five events share the 60 seconds of
a delivery. What is left goes out a minute later.
"""

ATTEMPTS = 3
"""How often a mail is offered that SES finds too fast."""


# --- stopped --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """That SES takes no mail of the account: why (a word of docs/mail.md), since when, and until
    when nobody asks again. `tries` is how often it has been asked in vain.
    """

    word: str
    since: datetime
    until: datetime
    tries: int = 1

    def holds(self, at: datetime) -> bool:
        """Whether nobody asks SES at this time."""
        return at < self.until <= at + LONGEST_WAIT


_seen: list[Stop] = []
"""The stop that this container has read last, if there was one."""


def read_stop(item: Item | None) -> Stop | None:
    """The stop in the item of MAIL_STOPPED; None where there is none, or it cannot be read: then
    the next refusal writes it anew.
    """
    _seen.clear()
    if item is None:
        return None
    try:
        with reading("stop of mail", item):
            times = {name: from_iso(item[name]) for name in ("since", "until")}
            _seen.append(make(Stop, {**item, **times}))
    except Damaged:
        return None
    return _seen[0]


def current_stop() -> Stop | None:
    """The stop as it is stored now; one round trip."""
    return read_stop(table.get(MAIL_STOPPED))


def _stop(word: str) -> Stop:
    """Notes that SES has refused a mail for the account's sake."""
    before, at = current_stop(), now()
    if before and before.holds(at):
        return before  # another container has asked meanwhile
    tries = max(before.tries, 0) + 1 if before else 1
    wait = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
    made = Stop(word, before.since if before else at, at + wait, tries)
    item = {"word": word, "tries": tries, "since": to_iso(made.since), "until": to_iso(made.until)}
    transact.write(transact.put(MAIL_STOPPED, item))
    log.warning("mail stopped", reason=word, tries=tries)
    return made


def _resume() -> None:
    if _seen:
        transact.write(transact.delete(MAIL_STOPPED))
        _seen.clear()


# --- paced ----------------------------------------------------------------------------------


class Pace:
    """What this container may send now: so many mails at once, and each second its part of the
    account's rate more.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins anew, as in a fresh container."""
        self._rate: float | None = None
        self._asked = 0.0
        self._left = float(BURST)
        self._at = time.monotonic()
        self._end = float("inf")

    def begin(self, patience: float) -> None:
        """Begins some mails, which have so many seconds to wait."""
        self._end = time.monotonic() + patience

    def take(self) -> None:
        """Waits for the turn of one mail.

        Raises:
            SendingTooFast: It would take too long.
        """
        self._refill()
        if self._left < 1:
            self._ask()
            self._refill()
        if self._left < 1:
            wait = (1 - self._left) / self._share()
            if time.monotonic() + wait > self._end:
                raise SendingTooFast("rate")
            time.sleep(wait)
            self._refill()
        self._left -= 1

    def give_back(self) -> None:
        """A mail was not taken, and does not count."""
        self._left += 1

    def slow(self) -> None:
        """SES finds it too fast: the next mail waits, whatever was left."""
        self._left = min(self._left, 0.0)
        self._at = time.monotonic()

    def rate(self) -> float:
        """Mails a second that the account may send, as SES has said lately; infinite where it does
        not say.
        """
        self._ask()
        return self._rate or float("inf")

    def _ask(self) -> None:
        if self._asked and time.monotonic() - self._asked < RATE_KEPT:
            return
        try:
            told = float(accounts.sending().get("SendQuota", {}).get("MaxSendRate", 0))
        except (Unavailable, Throttled):
            told = 0.0  # as fast as it goes, then: SES says where that is too fast
        self._rate, self._asked = told or float("inf"), time.monotonic()

    def _share(self) -> float:
        return (self._rate or UNKNOWN_RATE) / int(os.environ.get("WORKER_CONCURRENCY", "2"))

    def _refill(self) -> None:
        at = time.monotonic()
        share = self._share()
        most = max(float(BURST), share)
        self._left = min(most, self._left + (at - self._at) * share)
        self._at = at


_pace = Pace()


def begin(patience: float = PATIENCE) -> None:
    """Begins the mails of an event, or some of them: they have so many seconds to wait."""
    _pace.begin(patience)


def rate() -> float:
    """Mails a second that the account may send; infinite where SES does not say."""
    return _pace.rate()


def watch_quota() -> None:
    """Logs where there is little left of the mails that SES takes in 24 hours: an alarm counts
    these lines.
    """
    try:
        used = accounts.quota_used(accounts.sending())
    except (Unavailable, Throttled) as silent:
        log.info("no word of the quota", fault=str(silent))
        return
    if used >= accounts.FULL:
        log.warning("mail quota", percent=round(100 * used))


def forget() -> None:
    """Drops what this container knows of the account."""
    _seen.clear()
    _pace.forget()


# --- sent -----------------------------------------------------------------------------------


def send(mail: bytes, *, recipient: str, tag: str) -> str:
    """Sends a whole mail to one address; gives the Message-ID under which it was sent. `tag` is as
    `ses.send` takes it.

    Raises:
        MailRejected: SES never takes this mail.
        SendingStopped: SES takes none of the account; `until` is when to ask again.
        SendingTooFast: Its turn did not come in time.
        MailRefused: SES did not take it for another reason.
        Unavailable, Throttled: Whether it was sent is not known (docs/aws.md m8).
    """
    for attempt in range(1, ATTEMPTS + 1):
        _pace.take()
        try:
            sent = ses.send(
                mail,
                sender=os.environ["FROM_ADDRESS"],
                recipient=recipient,
                configuration_set=os.environ["CONFIGURATION_SET"],
                tag=tag,
            )
        except SendingTooFast:
            _pace.slow()
            if attempt == ATTEMPTS:
                raise
        except MailRejected:
            _pace.give_back()
            raise
        except SendingStopped as stopped:
            stopped.until = _stop(stopped.code).until
            raise
        else:
            _resume()
            return sent
    raise AssertionError("unreachable")
