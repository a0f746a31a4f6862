"""Parses property values like Json.NET and DataContractSerializer (docs/notific.md 2).

In JSON a value has a type, in XML it is text; text is parsed the same in both.
"""

import re
from collections.abc import Callable, Mapping

from dialects.notific import dates
from dialects.notific.shapes import Kind, Value

LEFT_OUT = object()
"""Marks a value that counts as not sent, although something was sent."""

HIGHEST = 2**31 - 1

_WHOLE = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)


class Unreadable(ValueError):
    """A value has the wrong type; `where` is its path below the property, such as `[1]`."""

    def __init__(self, where: str = "") -> None:
        super().__init__(where)
        self.where = where


def read(kind: Kind, given: object) -> Value | object:
    """A property's value, from its JSON value or the text of an element; None for null and, unless
    it is a text property, for empty text.

    Raises:
        Unreadable: It cannot be parsed as this kind.
    """
    if given is None:
        return None
    return _READERS[kind](given)


def _whole(given: object) -> int | None:
    if isinstance(given, str):
        if not given.strip():
            return None
        if not _WHOLE.fullmatch(given.strip()):
            raise Unreadable
        given = int(given)
    if type(given) is not int or not -HIGHEST - 1 <= given <= HIGHEST:
        raise Unreadable
    return given


def _text(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if not isinstance(given, str | int | float):
        raise Unreadable
    return str(given)


def _ids(given: object) -> list[int]:
    if not isinstance(given, list):
        raise Unreadable
    return [_id(one, place) for place, one in enumerate(given)]


def _id(given: object, place: int) -> int:
    try:
        found = _whole(given)
    except Unreadable as bad:
        raise Unreadable(f"[{place}]") from bad
    if found is None:
        raise Unreadable(f"[{place}]")
    return found


def _time(given: object) -> Value | object:
    if not isinstance(given, str):
        raise Unreadable
    if not given.strip():
        return None
    try:
        moment = dates.read(given)
    except ValueError as bad:
        raise Unreadable from bad
    return LEFT_OUT if moment == dates.UNSET else moment


_BOOLEANS: Mapping[str, bool | None] = {
    "true": True,
    "1": True,
    "false": False,
    "0": False,
    "": None,
}


def _truth(given: object) -> bool | None:
    if isinstance(given, int) and given in {0, 1}:
        return bool(given)
    if not isinstance(given, str) or given.strip().lower() not in _BOOLEANS:
        raise Unreadable
    return _BOOLEANS[given.strip().lower()]


_READERS: Mapping[Kind, Callable[[object], Value | object]] = {
    "int": _whole,
    "string": _text,
    "ints": _ids,
    "time": _time,
    "bool": _truth,
}
