"""Handling of stored items that cannot be read: they are logged, counted by an alarm, and skipped.

Every reader of items works inside `reading` and builds its value with `make`, so that an item of
another shape is detected where it is read, and not later. Lists and jobs skip it by `readable`; a
request for the item itself gets `Damaged`.

Stored items outlive the code: unknown attributes are ignored, and missing ones get the defaults of
the model.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from hashlib import sha256
from types import TracebackType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from helpdesk.errors import Damaged
from helpdesk.storage.keys import Key

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - what is read

# Not Powertools' logger, to spare the authorizer its import: it reads items, too.
log = logging.getLogger("deskless.storage")

FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, zlib.error)
"""The exceptions that reading an item of another shape raises."""

_PRIVATE = ("UE#", "X#", "ON#", "SUF#", "USUF#", "W#", "LOOP#", "PM#")
"""Partitions whose keys hold addresses, names or words; these are logged as digests."""


class reading:  # noqa: N801 - a context manager
    """Turns errors in reading one item into Damaged, and logs them once.

    The log line holds the item's key, its kind and the type of the error, never its content; the
    metric filter of template.yaml counts these lines.

    Args:
        kind: what the item is, such as `ticket`.
        key: its key, or the item with its `pk` and `sk`.
    """

    __slots__ = ("_key", "_kind")

    def __init__(self, kind: str, key: Key | Mapping[str, Any]) -> None:
        self._kind = kind
        self._key = key

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        _type: type[BaseException] | None,
        fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if isinstance(fault, FAULTS):
            key = self._key
            if not isinstance(key, Key):
                key = Key(str(key.get("pk", "")), str(key.get("sk", "")))
            report(self._kind, key, type(fault).__name__)
            raise Damaged(self._kind) from fault


def report(kind: str, key: Key, fault: str) -> None:
    """Logs that an item cannot be read; the alarm UnreadableItems counts these lines."""
    log.warning("unreadable", extra={"kind": kind, "item": _named(key), "fault": fault})


def _named(key: Key) -> str:
    if key.pk.startswith(_PRIVATE):
        return f"{key.pk.partition('#')[0]}#{sha256(' '.join(key).encode()).hexdigest()[:16]}"
    return " ".join(key)


def readable(read: Callable[[I], T], items: Iterable[I]) -> Iterator[T]:
    """The result of `read` for each item, without damaged ones."""
    for item in items:
        try:
            yield read(item)
        except Damaged:
            continue


def reference(item: Mapping[str, Any] | None, name: str) -> int | None:
    """The id in an item's attribute of this name; None if there is no item, or it is damaged."""
    if item is None:
        return None
    found = item.get(name)
    if type(found) is int:
        return found
    report("pointer", Key(item["pk"], item["sk"]), "TypeError")
    return None


# --- type checks of dataclass fields --------------------------------------------------------

_HIGHEST = 10**15
"""Above every number that the desk stores; a greater one would not fit in keys or dates."""


def make(kind: type[T], values: Mapping[str, Any]) -> T:
    """A dataclass built from the values named like its fields, each checked against the field's
    type.

    Raises:
        TypeError: A value is missing or has another type.
        ValueError: A number is too large for anything that the desk stores.
    """
    known: dict[str, Any] = {}
    # A class is hashable, but mypy does not see this of a TypeVar.
    checks: Mapping[str, Callable[[Any], bool]] = _checks(kind)  # type: ignore[arg-type]
    for name, fits in checks.items():
        if name in values:
            value = values[name]
            if not fits(value):
                raise TypeError(name)
            known[name] = value
    return kind(**known)


@cache
def _checks(kind: type) -> dict[str, Callable[[Any], bool]]:
    hints = get_type_hints(kind)
    return {field.name: _check(hints[field.name]) for field in fields(kind)}


def _check(hint: Any) -> Callable[[Any], bool]:
    """The check whether a value has a type."""
    kind, of = get_origin(hint), get_args(hint)
    if hint is int:
        return lambda value: type(value) is int and abs(value) < _HIGHEST
    if kind is None:
        return lambda value: hint is Any or isinstance(value, hint)
    if kind is Literal:
        return lambda value: isinstance(value, str) and value in of
    return _check_union(of) if kind in {Union, UnionType} else _check_collection(kind, of)


def _check_union(of: tuple[Any, ...]) -> Callable[[Any], bool]:
    # A union with text holds form values, whose numbers may be of any size.
    bound = () if str in of else (int,)
    plain = tuple(one for one in of if get_origin(one) is None and one not in bound)
    others = [_check(one) for one in of if one not in plain]
    return lambda value: isinstance(value, plain) or any(fits(value) for fits in others)


def _check_collection(kind: Any, of: tuple[Any, ...]) -> Callable[[Any], bool]:
    checks = [_check(one) for one in of if one is not ...]
    if kind is tuple and of[-1] is not ...:
        return lambda value: (
            isinstance(value, tuple)
            and len(value) == len(checks)
            and all(fits(one) for fits, one in zip(checks, value, strict=True))
        )
    if issubclass(kind, Mapping):
        name_fits, value_fits = checks
        return lambda value: (
            isinstance(value, Mapping)
            and all(name_fits(name) and value_fits(inner) for name, inner in value.items())
        )
    return lambda value: isinstance(value, kind) and all(checks[0](one) for one in value)
