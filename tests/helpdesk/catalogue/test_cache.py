"""The cached catalogue."""

from unittest.mock import patch

from helpdesk.catalogue import cache
from helpdesk.storage import table
from tests.desk import Desk


def test_a_cache_emptied_while_its_version_is_asked_for_is_no_fault(desk: Desk) -> None:
    known = cache.load()
    fetch = table.fetch

    def emptying(*args: object, **kwargs: object) -> object:
        found = fetch(*args, **kwargs)  # type: ignore[arg-type]
        cache.forget()
        return found

    with patch.object(table, "fetch", emptying):
        assert cache.current() is known
