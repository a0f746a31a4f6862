"""A list of entries across tickets, by their ids.

No index lists entries; a ticket's item has the ids of its entries. So all tickets that the actor
sees are fetched; the request is refused if there are too many.
"""

from functools import partial

from helpdesk.model.actor import Actor
from helpdesk.model.queries import FoundEntries, Page, Wanted
from helpdesk.queries import limits, lists
from helpdesk.storage import entry_items, table
from helpdesk.storage.keys import entry_key
from helpdesk.storage.reading import readable


def list_entries(actor: Actor, page: Page) -> FoundEntries:
    """A page of the entries of all tickets that the actor, a member of the staff, sees, by id.
    Three or four round trips, one more if bodies are in S3. Missing and damaged entries are left
    out.

    Raises:
        TooWide: There are more than `limits.MOST_CANDIDATES` tickets.
    """
    every = Page(descending=False, limit=limits.MOST_CANDIDATES)
    tickets, _ = lists.find_sorted(actor, Wanted(), list, every)
    of = {number: ticket for ticket in tickets for number in ticket.entries}
    numbers = sorted(of, reverse=page.descending)
    shown = numbers[page.offset : page.offset + page.limit]
    keys = {number: entry_key(of[number].id, number) for number in shown}
    items = table.fetch(list(keys.values()))
    found = [
        pair
        for number in shown
        for pair in readable(
            partial(entry_items.entry_and_body, of[number].id),
            [items[keys[number]]] if keys[number] in items else [],
        )
    ]
    entries = entry_items.with_bodies(found)
    above = {entry.ticket for entry in entries}
    return FoundEntries(entries, [one for one in tickets if one.id in above], len(numbers))
