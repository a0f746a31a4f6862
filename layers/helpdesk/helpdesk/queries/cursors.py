"""Pagination cursors: where the pages of a list ended (docs/aws.md m14).

The dialects request pages by offset. The last index entry of each page is stored for ten minutes,
by API key and by the offset of the next page. So the next page begins right after that entry,
whatever was created meanwhile, and nothing before it is read again.
"""

import json
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from typing import NamedTuple

from helpdesk.clock import now, seconds
from helpdesk.errors import Damaged
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page, Wanted
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key, page_cursor_key
from helpdesk.storage.listings import IndexEntry
from helpdesk.storage.reading import reading

CURSOR_SECONDS = 600
"""How long a page cursor is valid."""


class PageCursors(NamedTuple):
    """The page cursors of one list. Each method is one round trip.

    Args:
        question: the API key, filters and order that the cursors are valid for.
    """

    question: str

    @classmethod
    def of(cls, actor: Actor, wanted: Wanted, page: Page) -> "PageCursors":
        """The cursors of the list that a page belongs to."""
        asked: list[object] = [actor.key, asdict(wanted), page.sort, page.descending]
        if wanted.condition:
            # Converted to a mapping, different kinds of conditions would look the same.
            asked.append(repr(wanted.condition))
        return cls(json.dumps(asked, default=str))

    def find(self, offset: int) -> str | None:
        """The sort key after which the page at this offset begins, or None."""
        item = table.get(self._key(offset), where="index")
        # DynamoDB may remove an expired item days later.
        with suppress(Damaged), reading("cursor", item or {}):
            if item and item["ttl"] > seconds(now()):
                int(item["after"][-10:])  # every sort key ends in an id
                return str(item["after"])
        return None

    def save(self, offset: int, last: IndexEntry) -> None:
        """Stores the last entry before this offset."""
        values = {"after": last.order, "ttl": seconds(now()) + CURSOR_SECONDS}
        transact.write(transact.put(self._key(offset), values, where="index"))

    def forget(self, offset: int) -> None:
        """Invalidates the cursor of this offset."""
        # Overwritten, not deleted: the list functions have no permission to delete.
        transact.write(transact.put(self._key(offset), {"after": "-", "ttl": 0}, where="index"))

    def _key(self, offset: int) -> Key:
        return page_cursor_key(sha256(f"{offset} {self.question}".encode()).hexdigest())
