"""The daily sweep: removes objects that no transaction has named (docs/aws.md m1)."""

from datetime import timedelta
from itertools import groupby, islice

from helpdesk.clock import now
from helpdesk.storage import objects, table
from helpdesk.storage.keys import folder_key

AGE = timedelta(days=2)
"""The sweep handles the day before yesterday: no operation lasts into the day after its own."""

FOLDERS_AT_ONCE = 100
"""References that are read in one round trip."""


def sweep_files() -> int:
    """Removes the objects of the day before yesterday whose folder has no reference.

    Returns how many there were. An interrupted run may be repeated on the same day.
    """
    day = now() - AGE
    keys = objects.listing(f"{objects.PREFIX}{day:%Y-%m-%d}/")
    folders = ((name, list(found)) for name, found in groupby(keys, objects.folder_name))
    count = 0
    while page := dict(islice(folders, FOLDERS_AT_ONCE)):
        kept = table.fetch([folder_key(name) for name in page])
        orphans = [
            key for name, found in page.items() if folder_key(name) not in kept for key in found
        ]
        if orphans:
            objects.delete(orphans)
        count += len(orphans)
    return count
