"""Each AWS call of a broadcast fails, in every way: later deliveries mail the remaining recipients,
and only the one whose mail SES may have accepted can get a second one.
"""

from collections import Counter
from itertools import count
from unittest.mock import patch

import pytest

from helpdesk.broadcasts import progress, send
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.mail.outbound import suppression
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import transact
from helpdesk.storage.keys import Key
from local.snapshot import Snapshot
from tests import world
from tests.desk import Desk, new_desk
from tests.faults import EVERY_WAY, How
from tests.helpdesk.broadcasts.telling import customer, event, opened, service

pytestmark = pytest.mark.exhaustive

AT_ONCE, TOLD = 2, 3
"""How many are written to at once, and in all."""


def furnished() -> Key:
    """A ticket whose event tells TOLD people; mail to one more has bounced."""
    vpn, mail = service(), service("Mail")
    for number in range(TOLD + 1):
        customer(number, *([vpn, mail] if number % 2 else [mail]))
    transact.write(suppression.suppression("c0@example.org", "bounce", now()))
    return event(opened(vpn, mail))


def finish(desk: Desk, key: Key, *, heard: bool) -> None:
    """Brings the event again until nobody is left, as the queue and `requeue` do."""
    for _ in range(6):
        if heard:
            desk.hear_of_sending()
        world.later(minutes=11)
        desk.deliver("send_broadcast", key)
        if not desk.todo(key):
            return
    raise AssertionError(desk.todo(key))


@pytest.mark.parametrize("heard", [True, False], ids=["SES tells of it", "SES says nothing"])
@EVERY_WAY
def test_whatever_fails_each_is_told(how: How, heard: bool) -> None:
    doubled: Counter[str] = Counter()
    with patch.object(send, "AT_ONCE", AT_ONCE), new_desk() as desk:
        key = furnished()
        state, at = Snapshot(world.REGION), world.Clock.current
        for nth in count(1):
            state.restore()
            cache.forget()
            desk.sent.clear()
            world.Clock.current = at
            before = len(desk.mails())
            with desk.injector.fault(how, nth) as fault:
                desk.deliver("send_broadcast", key)
            finish(desk, key, heard=heard)
            told = Counter(mail["To"].addresses[0].addr_spec for mail in desk.mails()[before:])
            wanted = {f"c{n}@example.org" for n in range(1, TOLD + 1)}
            assert told.keys() == wanted, (fault.hit, nth, sorted(wanted - told.keys()))
            twice = told.total() - TOLD
            assert twice <= 1, (fault.hit, nth, told)
            doubled[fault.hit or ""] += twice
            done = progress.find(SYSTEM, key.sk.removeprefix("V#"))
            shown = (done.total, done.sent, done.skipped, done.left)
            assert shown == (TOLD + 1, TOLD, 1, 0), (fault.hit, nth, shown)
            assert done.finished
            if fault.hit is None:
                break
    assert nth > 3 * TOLD
    # SES's own word settles what the desk could not write down.
    assert not (heard and doubled.total()), doubled
