"""JSON bodies to values, strictly and with a bound on their depth."""

import codecs
import json
import math
from collections.abc import Callable
from typing import Any, Literal, NoReturn

MakeObject = Callable[[list[tuple[str, Any]]], dict[str, Any]]

DEEPEST = 512
"""Levels of nesting, as in PHP."""

_LONGEST_WHOLE = 19
"""Most digits of an integer; a longer one becomes a float, as in PHP."""


class NotJson(ValueError):
    """The bytes are not valid JSON. `problem` is the kind, which the family translates."""

    def __init__(
        self, problem: Literal["encoding", "depth", "control", "surrogate", "syntax"]
    ) -> None:
        super().__init__(problem)
        self.problem = problem


def read(body: bytes, make_object: MakeObject | None = None) -> object:
    """Reads a JSON document.

    Args:
        body: As received.
        make_object: Makes each object of its names and values, in their order. By default the last
            of several values of one name counts, in the place of the first.

    Raises:
        NotJson: The bytes are not UTF-8, are not JSON (NaN and Infinity are not, nor are numbers
            that no float can hold), nest deeper than DEEPEST levels, or spell half of a surrogate
            pair.
    """
    try:
        value: object = json.loads(
            without_mark(body).decode(),
            parse_constant=_refuse_constant,
            parse_int=_whole_number,
            parse_float=_finite,
            object_pairs_hook=make_object,
        )
    except UnicodeDecodeError as bad:
        raise NotJson("encoding") from bad
    except RecursionError as deep:
        raise NotJson("depth") from deep
    except json.JSONDecodeError as bad:
        control = bad.msg.startswith("Invalid control character")
        raise NotJson("control" if control else "syntax") from bad
    _check(value)
    return value


def without_mark(body: bytes) -> bytes:
    """The body without a byte order mark, which Windows programs put before UTF-8."""
    return body.removeprefix(codecs.BOM_UTF8)


def looks_like_json(body: bytes) -> bool:
    """Whether a body that is not called JSON begins as an object or a list does."""
    return without_mark(body).lstrip()[:1] in {b"{", b"["}


def _refuse_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(name, "", 0)


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_WHOLE else _finite(digits)


def _finite(written: str) -> float:
    """A number that can be written as JSON again."""
    number = float(written)
    return number if math.isfinite(number) else _refuse_constant(written)


def _check(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, str):
                _check_characters(item)
            elif isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
        if not below:
            return
        level = below
    raise NotJson("depth")


def _check_characters(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as half:
        # Half of a surrogate pair, written as \ud800.
        raise NotJson("surrogate") from half
