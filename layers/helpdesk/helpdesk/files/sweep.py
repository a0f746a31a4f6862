"""The daily sweep: objects that an operation put and no transaction ever named (docs/aws.md m1)."""

from datetime import timedelta
from itertools import groupby, islice

from helpdesk.clock import now
from helpdesk.storage import objects, table
from helpdesk.storage.keys import folder_key

AGE = timedelta(days=2)
"""The sweep looks at the day before yesterday: no operation lasts into the day after its own."""

FOLDERS_AT_ONCE = 100
"""Marks that are asked for in one trip."""


def sweep_files() -> int:
    """Removes the objects of the day before yesterday in whose folder's name no mark stands; gives
    how many there were. A run that breaks off may be repeated on the same day.

    Errors: Throttled, Unavailable.
    """
    day = now() - AGE
    keys = objects.listing(f"{objects.PREFIX}{day:%Y-%m-%d}/")
    folders = ((mark, list(found)) for mark, found in groupby(keys, objects.folder_name))
    count = 0
    while page := dict(islice(folders, FOLDERS_AT_ONCE)):
        marks = table.fetch([folder_key(mark) for mark in page])
        orphans = [
            key for mark, found in page.items() if folder_key(mark) not in marks for key in found
        ]
        if orphans:
            objects.delete(orphans)
        count += len(orphans)
    return count
