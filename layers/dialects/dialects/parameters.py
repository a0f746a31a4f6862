"""Query strings: their names, and whole numbers and ids in them and in paths."""

import re
from collections.abc import Collection, Mapping

from helpdesk.errors import Invalid, Problem

LONGEST_ID = 10
"""Digits of an id, as it stands in a key of the table."""

HIGHEST_ID = 2**31 - 1

_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_ID = re.compile(rf"[0-9]{{1,{LONGEST_ID}}}", re.ASCII)


ASK_FOR_NOTHING = frozenset({"_", "key", "apikey", "api_key"})
"""Parameters that programs add to any query: jQuery's cache buster, and keys, of which only the
header counts.
"""

_LONGEST_SHOWN = 64


def check_names(query: Mapping[str, str], known: Collection[str]) -> None:
    """Refuses a query with an unknown parameter: a filter that is silently ignored would return
    more than requested.

    Raises:
        Invalid: `parameter`, for the first of them.
    """
    for name in query:
        if name not in known and name not in ASK_FOR_NOTHING:
            raise Invalid(Problem(name[:_LONGEST_SHOWN], "parameter"))


def whole(text: str) -> int | None:
    """A text as a whole number of at most 15 digits; None for anything else."""
    return int(text) if _WHOLE.fullmatch(text) else None


def leading(text: str) -> int | None:
    """The whole number at the start of a text, as PHP's `intval` reads it; None if there is
    none.
    """
    found = _WHOLE.match(text)
    return int(found[0]) if found else None


def id_of(text: str) -> int | None:
    """A text as an id: at most LONGEST_ID digits; None for anything else."""
    return int(text) if _ID.fullmatch(text) else None
