"""Whole numbers and ids as they stand in paths and query strings."""

import re

LONGEST_ID = 10
"""Digits of an id, as it stands in a key of the table."""

HIGHEST_ID = 2**31 - 1

_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_ID = re.compile(rf"[0-9]{{1,{LONGEST_ID}}}", re.ASCII)


def whole(text: str) -> int | None:
    """The whole number that a text is, of at most 15 digits; None for anything else."""
    return int(text) if _WHOLE.fullmatch(text) else None


def leading(text: str) -> int | None:
    """The whole number that a text begins with, as PHP's `intval` reads it; None where there is
    none.
    """
    found = _WHOLE.match(text)
    return int(found[0]) if found else None


def id_of(text: str) -> int | None:
    """The id that a text is: digits only, LONGEST_ID at most; None for anything else."""
    return int(text) if _ID.fullmatch(text) else None
