"""How an operation reads and writes: one first round trip, then one transaction.

Every operation that changes the desk has this shape. The first round trip reads everything needed,
allocates ids and stores objects in parallel. The transaction then contains every write of the
operation, its event and the idempotency record, so that it is atomic.
"""

from collections.abc import Callable, Iterable, Mapping

from helpdesk import idempotency
from helpdesk.catalogue import cache
from helpdesk.errors import Unavailable
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.storage import aws, sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key
from helpdesk.storage.transact import Cancelled, Write

Check = Callable[[Mapping[Key, Item | None]], None]
"""Raises a domain error if one of these failed keys explains why the transaction failed."""


def first_round_trip(
    keys: Iterable[Key],
    *,
    once: IdempotencyRecord | None = None,
    ids: Mapping[str, int] | None = None,
    calls: Iterable[Callable[[], object]] = (),
) -> tuple[dict[Key, Item], dict[str, int]]:
    """Reads, allocates and stores at the same time all that an operation begins with.

    Args:
        keys: Items to read besides the catalogue's version and the idempotency record.
        once: The idempotency record of the request, if it has one.
        ids: How many ids to allocate of each sequence; empty for none.
        calls: Further AWS calls, such as those that store objects.

    Returns:
        The items found, by key, and the first id of each sequence. The catalogue is read along
        with them in a container that has none yet: pass the items to `cache.current`.

    Raises:
        AlreadyAnswered: The same request has been answered; nothing more is to be done.
        KeyReused: The Idempotency-Key came with another body.
    """
    found: dict[Key, Item] = {}
    allocated: dict[str, int] = {}
    wanted = [CATALOGUE_VERSION, *idempotency.first_keys(once), *keys]
    counts = dict(ids or {})
    aws.together(
        lambda: found.update(table.fetch(wanted)),
        *([lambda: allocated.update(sequences.allocate_ids(**counts))] if counts else []),
        *cache.if_cold(),
        *calls,
    )
    idempotency.check(once, found)
    return found, allocated


def commit(
    fresh: Write,
    writes: Iterable[Write] = (),
    *,
    once: IdempotencyRecord | None = None,
    result: object = None,
    checks: Iterable[Check] = (),
) -> None:
    """Carries out the writes of an operation, all or none, and exactly once.

    A write whose answer was lost may have been committed, and botocore retries it by itself. Both
    are recognised by `fresh`: nobody else knows its id, so if its item exists, this call has
    written it, and with it everything else.

    Args:
        fresh: A `put_new` under an id made for this call, normally the operation's event.
        writes: All other writes.
        once: The idempotency record of the request, if it has one; its write is added here.
        result: The result from which the idempotency record builds its answer.
        checks: Called with the failed conditions before Cancelled is raised.

    Raises:
        AlreadyAnswered: The same request was carried out at the same moment.
        KeyReused: The Idempotency-Key was used at the same moment with another body.
        Cancelled: Another condition failed. Nothing was written; the operation may try again with
            the items that `failed` holds.
        ChangedUnderYou: Other transactions held the items for RETRY_SECONDS.
        TooLarge: The writes exceed DynamoDB's limits.
    """
    record = idempotency.record_writes(once, result)
    try:
        transact.commit_retried([fresh, *writes, *record])
    except Unavailable:
        if table.get(fresh.key) is None:
            raise
    except Cancelled as cancelled:
        if fresh.key in cancelled.failed:
            return
        idempotency.check(once, cancelled.failed)
        for check in checks:
            check(cancelled.failed)
        raise
