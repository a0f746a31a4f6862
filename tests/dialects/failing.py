"""What tests of failing AWS calls share: each call of a request fails in turn, and then the request
comes again.

What is stored is either as it was or as after the request without a fault, and after the repetition
the latter. States are compared whole: ids that were drawn and random names stand for the order in
which they first occur.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol

from helpdesk.catalogue import cache
from helpdesk.errors import DeskError
from helpdesk.events import outbox
from helpdesk.files import sweep
from helpdesk.projection import project
from helpdesk.storage import sequences
from local.snapshot import Snapshot
from tests import world
from tests.faults import How
from tests.helpdesk.tickets.doomed import contents, fill
from tests.recount import assert_counted

FIRST = 80_000_000
_DRAWN = re.compile(r"(?<![0-9a-f])0{0,2}8\d{7}(?![0-9a-f])")
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}")


class Asked(Protocol):
    """An answer."""

    @property
    def status(self) -> int: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Operation:
    """A request, and what it answers: where it is done, and where it comes again without an
    Idempotency-Key after it was done.
    """

    name: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    again: int = 0


@dataclass
class Failing:
    """A desk, what it has by name, and its state, to go back to. `prepare` is one request that the
    authorizer has let through: calling it calls its function and nothing else.
    """

    prepare: Callable[..., Callable[[], Asked]]
    base: str
    has: dict[str, Any] = field(default_factory=dict)
    state: Snapshot | None = None
    put: dict[str, bytes] = field(default_factory=dict)

    def keep(self) -> None:
        self.state, self.put = Snapshot(world.REGION), contents()

    def back(self) -> None:
        assert self.state
        world.Clock.current = world.START
        self.state.restore()
        fill(self.put)
        cache.forget()

    def ask(self, operation: Operation, once: str = "") -> Any:
        headers = {"Idempotency-Key": once} if once else {}
        path, body = self.filled(operation.path), self.filled(operation.body)
        return self.prepare(operation.method, f"{self.base}/{path}", body, headers=headers)

    def filled(self, value: Any) -> Any:
        """With the ids of what it names."""
        if isinstance(value, dict):
            return {name: self.filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if not isinstance(value, str):
            return value
        if value[:1] == "<" and value[1:-1] in self.has:
            return self.has[value[1:-1]]
        return re.sub(r"<([a-z ]+)>", lambda found: str(self.has.get(found[1], found[0])), value)


def reserve_ids(names: Iterable[str]) -> None:
    """Lets ids of these kinds be drawn where `state` knows them."""
    for place, name in enumerate(names):
        sequences.reserve_id(name, FIRST + place * 10_000)


def settle() -> None:
    """Lets all follow that waits for `project`; mails stay."""
    for _ in range(6):
        waiting = world.waiting("")
        if not outbox.load(waiting, "project"):
            return
        project.project(waiting)
    raise AssertionError(waiting)


def state() -> list[str]:
    """What is stored, but for the use of keys and ids that were drawn in vain."""
    drawn: dict[str, list[int]] = defaultdict(list)
    kept = [item for item in world.written() if not item["pk"]["S"].startswith("K#")]
    text = json.dumps(kept, sort_keys=True, default=str)
    numbers = sorted({int(found) for found in _DRAWN.findall(text)})
    for number in numbers:
        drawn[str(number // 10_000)].append(number)

    def named(found: re.Match[str]) -> str:
        number = int(found[0])
        kind = str(number // 10_000)
        return f"{kind}.{drawn[kind].index(number)}"

    told = [json.dumps(item, sort_keys=True, default=str) for item in kept]
    return sorted(_RANDOM.sub("?", _DRAWN.sub(named, one)) for one in told)


def differences(one: list[str], other: list[str]) -> str:
    return (
        "\n".join(["-- " + row for row in one if row not in other][:8])
        + "\n"
        + "\n".join(["++ " + row for row in other if row not in one][:8])
    )


def check_bucket() -> None:
    """Of what lies in the bucket, all is named by an item, or goes with the next sweep."""
    world.later(days=2)
    sweep.sweep_files()
    named = json.dumps(world.items("desk"), default=str)
    assert [key for key in world.objects() if key not in named] == []


def check_done_once(failing: Failing, operation: Operation, how: How) -> None:
    """A request that failed and came again is done once, whichever of its calls fails."""
    injector, before = world.world().injector, state()
    answer = failing.ask(operation, "k")()
    assert answer.status == operation.status, answer.text
    wanted = state()
    assert before != wanted
    for nth in count(1):
        failing.back()
        asked, again = failing.ask(operation, "k"), failing.ask(operation, "k")
        with injector.fault(how, nth) as fault:
            first = asked()
        after = state()
        done = after == wanted
        assert done or after == before, f"{fault}: {differences(wanted, after)}"
        assert first.status in {operation.status, 503}, (fault, first.text)
        assert done or first.status == 503, (fault, first)
        second = again()
        repeated = {operation.again or operation.status} if done else {operation.status}
        assert second.status in repeated | {operation.status}, (fault, second.text)
        assert state() == wanted, f"{fault}: {differences(wanted, state())}"
        if fault.hit is None:
            break
    assert nth > 2
    check_bucket()


def check_taken_up(failing: Failing, operation: Operation, how: How) -> None:
    """What follows a request is taken up by the next delivery, whichever call of it fails."""
    injector = world.world().injector
    assert failing.ask(operation)().status == operation.status
    followed = replace(failing)
    followed.keep()
    settle()
    wanted, kept = state(), world.objects()
    for nth in count(1):
        followed.back()
        cache.current()
        with injector.fault(how, nth) as fault:
            _deliver()
        settle()
        assert state() == wanted, f"{fault}: {differences(wanted, state())}"
        assert world.objects() == kept, fault
        assert_counted()
        if fault.hit is None:
            break
    assert nth > 3


def _deliver() -> None:
    """One delivery, which may fail."""
    try:
        project.project(world.waiting(""))
    except DeskError:
        return
