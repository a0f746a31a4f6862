"""Keeps the words of entries that the index holds for a ticket up to date.

Words are indexed by ticket, not by entry. So a word is removed only if no entry of the ticket with
the same visibility has it; this is checked when the word is removed.
"""

from collections.abc import Iterable, Mapping

from helpdesk.index import postings
from helpdesk.model.entries import Entry
from helpdesk.storage import ticket_items, transact
from helpdesk.storage.keys import Seen, word_key


def remove(ticket: int, words: Mapping[Seen, Iterable[str]], separator: str) -> None:
    """Removes those of these words that no entry of the ticket has; all of them if the ticket is
    gone. Idempotent. One round trip per MB of the thread, and the writes.
    """
    wanted = {seen: set(gone) for seen, gone in words.items() if gone}
    if wanted:
        thread = ticket_items.read_thread(ticket)
        _remove(ticket, wanted, thread.entries if thread else (), separator)


def forget_hidden(ticket: int, separator: str) -> None:
    """Removes from public search the words of entries that are internal now. Round trips as
    `remove`.
    """
    thread = ticket_items.read_thread(ticket)
    hidden = (
        [entry for entry in thread.entries if entry.internal and entry.updated] if thread else []
    )
    if thread and hidden:
        words = {word for entry in hidden for word in postings.entry_words(entry, separator)}
        _remove(ticket, {"public": words}, thread.entries, separator)


def _remove(
    ticket: int, words: Mapping[Seen, set[str]], there: Iterable[Entry], separator: str
) -> None:
    kept: dict[Seen, set[str]] = {seen: set() for seen in words}
    for entry in there:
        if (seen := postings.seen_of(entry.kind)) in kept:
            kept[seen] |= set(postings.entry_words(entry, separator))
    keys = [
        word_key(one, ticket, seen) for seen in words for one in sorted(words[seen] - kept[seen])
    ]
    transact.write_many([transact.delete(key, where="index") for key in keys])
