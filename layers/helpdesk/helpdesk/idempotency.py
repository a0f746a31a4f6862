"""Idempotency-Key: the same request twice is one operation and one answer (docs/aws.md m18).

The record of the answer is written in the operation's own transaction, so no lock is needed, and
neither exists without the other. Only successes are recorded: a request that was refused or failed
may be retried with the same key.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from helpdesk.clock import now, seconds
from helpdesk.errors import AlreadyAnswered, DeskError, KeyReused, Throttled, Unavailable
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, idempotency_key
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import Cancelled, Write

KEPT_SECONDS = 24 * 3600
"""How long an answer is kept."""

LONGEST_KEY = 255
"""Characters an Idempotency-Key may have."""


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """One request that must be carried out once.

    `record` names the record, `request` is a digest of the body, and `answer` makes the finished
    answer from the operation's result.
    """

    record: str
    request: str
    answer: Callable[[Any], dict[str, Any]]

    @property
    def key(self) -> Key:
        """The key of the record; an operation reads it with its first round trip."""
        return idempotency_key(self.record)

    def replay(self, found: Item | None) -> None:
        """Checks the item under `key`; returns if this is the first request.

        Raises:
            AlreadyAnswered: The request was answered before; holds that answer.
            KeyReused: The record belongs to a request with another body.
        Damaged: The record cannot be read; nothing is done twice.
        """
        # DynamoDB removes expired items hours late, so the expiry is compared as well.
        if not found:
            return
        with reading("answer", found):
            over = found["ttl"] <= seconds(now())
            request, answer = found["request"], dict(found["answer"])
        if over:
            return
        if request != self.request:
            raise KeyReused
        raise AlreadyAnswered(answer)

    def write(self, result: object) -> Write:
        """The write that records the answer, for the operation's transaction."""
        at = seconds(now())
        record = {"request": self.request, "answer": self.answer(result), "ttl": at + KEPT_SECONDS}
        return transact.put(
            self.key,
            record,
            condition="attribute_not_exists(pk) OR #ttl <= :now",
            values={":now": at},
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
    """A record for one API key, method, path and Idempotency-Key (`header`)."""
    scope = "\n".join((str(api_key), method, path, header))
    return IdempotencyRecord(
        record=sha256(scope.encode()).hexdigest(),
        request=sha256(body).hexdigest(),
        answer=answer,
    )


def first_keys(once: IdempotencyRecord | None) -> list[Key]:
    """The keys that an operation adds to its first round trip."""
    return [once.key] if once else []


def check(once: IdempotencyRecord | None, found: Mapping[Key, Item | None]) -> None:
    """Calls `IdempotencyRecord.replay` with fetched items or failed keys, if there is a record.

    Raises:
        AlreadyAnswered: The request has been answered.
        KeyReused: The record belongs to a request with another body.
    """
    if once and once.key in found:
        once.replay(found[once.key])


def record_writes(once: IdempotencyRecord | None, result: object) -> list[Write]:
    """The writes that an operation adds to its transaction."""
    return [once.write(result)] if once else []


@contextmanager
def replay_guard(once: IdempotencyRecord | None) -> Iterator[None]:
    """Gives a repeated request its first answer if the operation would refuse it.

    For operations of several round trips: between two of them the same request may have succeeded
    concurrently, so that the link exists or the upload is used. Costs one more round trip if the
    operation refuses.

    Raises:
        AlreadyAnswered: The request has been answered meanwhile.
        KeyReused: The record belongs to a request with another body.
    """
    try:
        yield
    except (AlreadyAnswered, KeyReused, Throttled, Unavailable):
        raise
    except DeskError:
        if once:
            once.replay(table.get(once.key))
        raise


def record_answer(once: IdempotencyRecord | None, result: object) -> None:
    """Records the answer of an operation that had nothing else to write.

    Raises:
        AlreadyAnswered: The same request was carried out at the same moment.
        KeyReused: The record belongs to a request with another body.
        ChangedUnderYou: Other transactions held the record for too long.
    """
    if once:
        try:
            transact.commit_retried([once.write(result)])
        except Cancelled as cancelled:
            check(once, cancelled.failed)
