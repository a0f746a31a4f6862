"""Sends mails to SES at the rate it allows, and pauses while SES refuses all mail.

When SES refuses mail for the account as a whole, this is recorded in one item, which every sender
reads first: until the item's retry time nobody calls SES, and all mail waits (docs/mail.md, "What
SES refuses"; docs/decisions/0027). The account's sending rate is divided among the sending
containers.
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
"""Backoff after SES has stopped the account: initial and longest wait; it doubles each time."""

BURST = 2
"""Mails that a container sends before it reads the account's rate: a confirmation and an alert
should not wait for another call of AWS.
"""

UNKNOWN_RATE = 1.0
"""Mails a second until the rate is known: that of SES's sandbox."""

RATE_KEPT = 600.0
"""Seconds for which a container caches the rate."""

PATIENCE = 8.0
"""Seconds for which the mails of one event wait for their turn; five events share the 60 seconds of
a delivery. Unsent mails go out a minute later.
"""

ATTEMPTS = 3
"""Attempts to send a mail that SES throttles."""


# --- stopped --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """Record that SES refuses all mail of the account: why (a word of docs/mail.md), since when,
    and when to try again. `tries` counts the failed attempts.
    """

    word: str
    since: datetime
    until: datetime
    tries: int = 1

    def holds(self, at: datetime) -> bool:
        """Whether no mail may be tried at this time."""
        return at < self.until <= at + LONGEST_WAIT


_seen: list[Stop] = []
"""The stop that this container last read, if any."""


def read_stop(item: Item | None) -> Stop | None:
    """The stop in the item of MAIL_STOPPED; None if there is none, or it is damaged: the next
    refusal then overwrites it.
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
    """The currently stored stop; one round trip."""
    return read_stop(table.get(MAIL_STOPPED))


def _stop(word: str) -> Stop:
    """Records that SES has refused a mail because of the account."""
    before, at = current_stop(), now()
    if before and before.holds(at):
        return before  # another container has tried meanwhile
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
    """A token bucket of this container: a burst of mails, refilled by its share of the account's
    rate.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Resets it, as in a new container."""
        self._rate: float | None = None
        self._asked = 0.0
        self._left = float(BURST)
        self._at = time.monotonic()
        self._end = float("inf")

    def begin(self, patience: float) -> None:
        """Starts a group of mails, which may wait `patience` seconds in all."""
        self._end = time.monotonic() + patience

    def take(self) -> None:
        """Waits until one mail may be sent.

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
        """Returns the token of a mail that was not accepted."""
        self._left += 1

    def slow(self) -> None:
        """SES throttled a mail: empties the bucket, so that the next mail waits."""
        self._left = min(self._left, 0.0)
        self._at = time.monotonic()

    def rate(self) -> float:
        """Mails a second that the account may send, cached; infinite if SES does not tell."""
        self._ask()
        return self._rate or float("inf")

    def _ask(self) -> None:
        if self._asked and time.monotonic() - self._asked < RATE_KEPT:
            return
        try:
            told = float(accounts.sending().get("SendQuota", {}).get("MaxSendRate", 0))
        except (Unavailable, Throttled):
            told = 0.0  # unlimited, then: SES throttles if that is too fast
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
    """Starts a group of an event's mails, which may wait `patience` seconds in all."""
    _pace.begin(patience)


def rate() -> float:
    """Mails a second that the account may send; infinite if SES does not tell."""
    return _pace.rate()


def watch_quota() -> None:
    """Logs if little is left of SES's 24-hour quota; an alarm counts these lines."""
    try:
        used = accounts.quota_used(accounts.sending())
    except (Unavailable, Throttled) as silent:
        log.info("no word of the quota", fault=str(silent))
        return
    if used >= accounts.FULL:
        log.warning("mail quota", percent=round(100 * used))


def forget() -> None:
    """Drops this container's knowledge of the account."""
    _seen.clear()
    _pace.forget()


# --- sent -----------------------------------------------------------------------------------


def send(mail: bytes, *, recipient: str, tag: str) -> str:
    """Sends a complete mail to one address; returns its Message-ID. `tag` is as in `ses.send`.

    Raises:
        MailRejected: SES will never accept this mail.
        SendingStopped: SES accepts no mail of the account; `until` is when to try again.
        SendingTooFast: Its turn did not come in time.
        MailRefused: SES refused it for another reason.
        Unavailable, Throttled: It is not known whether it was sent (docs/aws.md m8).
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
