"""Idempotency-Key: the same request twice is one operation and one answer (docs/aws.md m18).

The record of the finished answer is part of the operation's own transaction, so there is no lock
and no moment in which the one exists without the other. Only successes are recorded: refusals and
faults may be tried again with the same key.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from helpdesk.clock import now, seconds
from helpdesk.errors import AlreadyAnswered, DeskError, KeyReused, Throttled, Unavailable
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, idempotency_key
from helpdesk.storage.transact import Cancelled, Write

KEPT_SECONDS = 24 * 3600
"""How long an answer can be asked for again."""

LONGEST_KEY = 255
"""Characters an Idempotency-Key may have."""


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """An operation that must happen once. `answer` makes the finished answer from its result."""

    record: str
    request: str
    answer: Callable[[Any], dict[str, Any]]

    @property
    def key(self) -> Key:
        """Where the record is; an operation reads it with its first trip."""
        return idempotency_key(self.record)

    def replay(self, found: Item | None) -> None:
        """Looks at what stands under `key` and returns where this request is the first.

        Errors: AlreadyAnswered with the answer to send once more; KeyReused when the body differs.
        """
        # TTL deletes hours late, so that the time is looked at as well.
        if not found or found["ttl"] <= seconds(now()):
            return
        if found["request"] != self.request:
            raise KeyReused
        raise AlreadyAnswered(found["answer"])

    def write(self, result: object, at: datetime) -> Write:
        """The write that records the answer, for the operation's transaction."""
        record = {
            "request": self.request,
            "answer": self.answer(result),
            "ttl": seconds(at) + KEPT_SECONDS,
        }
        return transact.put(
            self.key,
            record,
            condition="attribute_not_exists(pk) OR #ttl <= :now",
            values={":now": seconds(at)},
            names={"#ttl": "ttl"},
        )


def record_for(
    api_key: int | None,
    method: str,
    path: str,
    *,
    header: str,
    body: bytes,
    answer: Callable[[Any], dict[str, Any]],
) -> IdempotencyRecord:
    """A record scoped to API key, method and path; another body under it is refused."""
    scope = "\n".join((str(api_key), method, path, header))
    return IdempotencyRecord(
        record=sha256(scope.encode()).hexdigest(),
        request=sha256(body).hexdigest(),
        answer=answer,
    )


def first_keys(once: IdempotencyRecord | None) -> list[Key]:
    """What an operation adds to its first trip."""
    return [once.key] if once else []


def check(once: IdempotencyRecord | None, found: Mapping[Key, Item | None]) -> None:
    """`Once.replay` for an operation that may come without a key, on what a trip has found."""
    if once and once.key in found:
        once.replay(found[once.key])


@contextmanager
def replay_guard(once: IdempotencyRecord | None) -> Iterator[None]:
    """Around an operation whose trips are apart: what it refuses because the same request has gone
    through between them (the link is there, the upload is used) gets that one's answer. One more
    trip, where it refuses.

    Errors: those of the operation; AlreadyAnswered, KeyReused, Throttled, Unavailable.
    """
    try:
        yield
    except (AlreadyAnswered, KeyReused, Throttled, Unavailable):
        raise
    except DeskError:
        if once:
            once.replay(table.get(once.key))
        raise


def record_answer(once: IdempotencyRecord | None, result: object, at: datetime) -> None:
    """Records the answer of an operation that had nothing else to write.

    Errors: AlreadyAnswered, KeyReused, ChangedUnderYou, Throttled, Unavailable.
    """
    if once:
        try:
            transact.commit_retried([once.write(result, at)])
        except Cancelled as cancelled:
            check(once, cancelled.failed)
