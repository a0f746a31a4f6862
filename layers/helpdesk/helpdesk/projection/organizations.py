"""Effects of changes of organizations: the postings of their names. Idempotent."""

from collections.abc import Sequence

from helpdesk.events.history import Event
from helpdesk.index import postings
from helpdesk.organizations import as_organization
from helpdesk.storage import table, transact
from helpdesk.storage.keys import organization_key
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Write

CHANGES = frozenset({"organization_created", "organization_changed", "organization_deleted"})


def follow(waiting: Sequence[Event]) -> None:
    """Handles those of these events that are about organizations."""
    about = [event for event in waiting if event.kind in CHANGES]
    if not about:
        return
    keys = {event.id: organization_key(event.data["organization"]) for event in about}
    found = table.fetch(list(keys.values()))
    writes: list[Write] = []
    for event in about:
        number = event.data["organization"]
        item = found.get(keys[event.id])
        current = [one.name for one in readable(as_organization, [item] if item else [])]
        writes += postings.named_postings(number, current, "organization")
        gone = event.data.get("gone", ())
        writes += postings.gone_postings(number, gone, current, "organization")
    transact.write_many(writes)
