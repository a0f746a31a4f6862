"""What needs an admin's attention: one cheap call, for the console's first page and its counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk import sent_mail
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.errors import Throttled, Unavailable
from helpdesk.events import outbox
from helpdesk.keys import finding
from helpdesk.keys.advice import FIRST_KEY, Advice, advice_on
from helpdesk.mail.inbound import quarantine
from helpdesk.mail.outbound import bounds, sending
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.monitoring import queues
from helpdesk.monitoring.setup import WHOLE
from helpdesk.queries.statistics import read_statistics
from helpdesk.storage import accounts, aws, table

KEPT = timedelta(seconds=30)
"""How long a container caches an answer."""

MOST = 100
"""Held and refused mails that are counted; more is this many."""

LATE = timedelta(minutes=10)
"""Age of an event from which on its queue is late."""

LATELY = timedelta(days=7)
"""How old a refused mail may be to be reported."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter for attention: how many of which kind, and the console page that shows them. `needs`
    are the permissions of which one is required. The count of `mail_quota` is a percentage.
    """

    what: str
    count: int
    place: str
    needs: tuple[str, ...]


_kept: list[tuple[datetime, list[Matter]]] = []


def list_matters(actor: Actor) -> list[Matter]:
    """The matters for this actor's attention; nothing for a key that sees a part of the desk."""
    if actor.bound:
        return []
    return [one for one in _current() if one.count and actor.may(*one.needs)]


def _current() -> list[Matter]:
    at = now()
    if not _kept or not timedelta() <= at - _kept[0][0] < KEPT:
        found = aws.together(_held, _dead, _waiting, _quota, _limit, _keys, _refused, _overdue)
        _kept[:] = [(at, [matter for some in found for matter in some])]
    return _kept[0][1]


def forget() -> None:
    """Clears the cache."""
    _kept.clear()


def _held() -> list[Matter]:
    listed = table.query(quarantine.LISTED, index="g11", limit=MOST)
    return [Matter("held_mail", _count(listed), "#/mail/held", ("can_manage_directory",))]


def _dead() -> list[Matter]:
    desk = ("can_manage_desk",)
    return [Matter("dead_letters", queues.count_dead(), "#/mail/queues", desk)]


def _waiting() -> list[Matter]:
    at, desk = now(), ("can_manage_desk",)
    waiting = [(event, name) for event in outbox.oldest(MOST) for name in event.todo]
    late = {name for event, name in waiting if at - event.waits_since(name) > LATE}
    put_off = {event.id for event, name in waiting if event.waits_since(name) > at}
    stopped = max(len(put_off), 1) if sending.current_stop() else 0
    return [
        Matter("mail_stopped", stopped, "#/mail/sent?state=waiting", desk),
        Matter("queues_late", len(late), "#/mail/queues", desk),
    ]


def _quota() -> list[Matter]:
    try:
        used = accounts.quota_used(accounts.sending())
    except (Throttled, Unavailable):
        return []  # the set-up page shows that SES does not answer
    percent = round(100 * used) if used > accounts.FULL else 0
    return [Matter("mail_quota", percent, "#/start", ("can_manage_desk",))]


def _limit() -> list[Matter]:
    most = cache.current().settings.max_automatic_mails
    sent = bounds.automatic_mails(now()) if most else 0
    reached = sent if most and sent >= most else 0
    return [Matter("mail_limit", reached, "#/settings/alerts", ("can_manage_desk",))]


def _keys() -> list[Matter]:
    at, needs = now(), ("can_manage_keys",)
    keys = finding.as_keys(WHOLE, finding.all_rows())
    told = [advice for key in keys for advice in advice_on(key, at)]
    places: dict[Advice, tuple[str, str]] = {
        "ending": ("keys_ending", "#/keys?show=ending"),
        "unused": ("keys_unused", "#/keys?show=unused"),
        "off": ("keys_off", "#/keys?show=off"),
        "first_key": ("first_key", f"#/keys/{FIRST_KEY}"),
    }
    return [
        Matter(what, told.count(advice), place, needs) for advice, (what, place) in places.items()
    ]


def _refused() -> list[Matter]:
    since = f"{now() - LATELY:%Y-%m-%d}"
    listed = table.query(
        sent_mail.in_state("refused"), index="g08", between=(since, "~"), limit=MOST
    )
    place = "#/mail/sent?state=refused"
    return [Matter("refused_mail", _count(listed), place, ("can_manage_desk",))]


def _overdue() -> list[Matter]:
    found = read_statistics(SYSTEM)
    overdue = sum(counts.overdue for counts in found.departments.values())
    needs = ("can_read_stats", "can_read_tickets")
    return [Matter("overdue_tickets", overdue, "#/tickets?state=open&overdue=true", needs)]


def _count(listed: Iterable[object]) -> int:
    return sum(1 for _ in listed)
