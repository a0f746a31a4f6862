"""The texts of the measured tickets: invented words, the same in every run.

A thousand characters contain about 120 different words, as in mails; frequent words are short.
"""

from __future__ import annotations

import random
from itertools import product

SERVICE = "VPN"
"""The service that tickets of Notific's API refer to."""

_PARTS = [f"{consonant}{vowel}" for consonant in "bdfgklmnprst" for vowel in "ao"]


_DICE = random.Random(1)  # noqa: S311 - no secret
_WORDS = [
    "".join(parts)
    for length, share in ((1, 1.0), (2, 0.5), (3, 0.04), (4, 0.001))
    for parts in product(_PARTS, repeat=length)
    if _DICE.random() < share
]
_FREQUENCY = [1 / (rank + 1) for rank in range(len(_WORDS))]


def text(seed: int, characters: int) -> str:
    """A text of exactly that many characters."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    words = dice.choices(_WORDS, _FREQUENCY, k=characters)
    return " ".join(words)[: characters - 1] + "."


def subject(seed: int) -> str:
    """A subject of 37 characters, the average length of subjects."""
    return text(seed, 37).capitalize()


def person(number: int) -> dict[str, str]:
    """The requester of this number, in the format of a request."""
    return {"name": f"Person {number:06}", "email": f"person{number:06}@customers.example"}
