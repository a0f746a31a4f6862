"""Ticket numbers: random digits in a format that grows before it gets crowded."""

import random
from typing import Literal

FEWEST_DIGITS = 6
"""The fewest digits of a number (docs/osticket.md 1.9)."""


LONGEST = 100
"""Characters a number can have; a format is shorter by far."""


def plausible(ref: str) -> bool:
    """Whether a caller's reference can be a ticket number, and so be part of a key."""
    return 0 < len(ref) <= LONGEST and ref.isprintable()


def assignable(number: str) -> bool:
    """Whether a caller may choose this number: one by which its ticket is found, and that no other
    one's id is. Digits too few for a number are read as an id (docs/osticket.md, row E).
    """
    return plausible(number) and not (number.isdecimal() and len(number) < FEWEST_DIGITS)


def new_number(pattern: str, ticket: int, sequence: Literal["random", "counter"]) -> str:
    r"""A number for the ticket with this id: every `#` of the pattern is a digit, `\#` a sign.

    The digits are random, the first one never 0, or count the tickets. There is one digit more than
    the pattern says whenever a tenth of its range is used, so that a random number is nearly always
    free (docs/data-model.md; docs/aws.md m26); digits beyond the pattern follow its last group.
    """
    width = max(FEWEST_DIGITS, pattern.replace(r"\#", "").count("#"))
    while ticket * 10 > 9 * 10 ** (width - 1):
        width += 1
    if sequence == "counter":
        return _filled(pattern, f"{ticket:0{width}d}")
    first = 10 ** (width - 1)
    return _filled(pattern, str(random.randrange(first, 10 * first)))  # noqa: S311 - no secret


def shortest(pattern: str) -> int:
    """The fewest characters a number in this format can have."""
    return len(_filled(pattern, "0" * max(FEWEST_DIGITS, pattern.replace(r"\#", "").count("#"))))


def _filled(pattern: str, digits: str) -> str:
    # An escaped sign must not count as a digit, so it is replaced by a character that no format can
    # contain.
    escaped = pattern.replace(r"\#", "\0")
    last = escaped.rfind("#")
    if last < 0:
        return (escaped + digits).replace("\0", "#")
    number, used = "", 0
    for position, sign in enumerate(escaped):
        if sign != "#":
            number += sign
        elif position == last:
            number += digits[used:]
        else:
            number += digits[used]
            used += 1
    return number.replace("\0", "#")
