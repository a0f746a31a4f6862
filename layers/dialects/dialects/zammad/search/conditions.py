"""Translates queries and selectors into the desk's conditions (docs/zammad.md 7.7 and 7.8)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from dialects.zammad.refuse import Refusal
from dialects.zammad.search import language, moments
from dialects.zammad.search.fields import KEYWORDS, MOMENTS, SAID, TEXTS, Fields, says
from dialects.zammad.search.tree import (
    All,
    Fielded,
    NotReadable,
    Query,
    Range,
    Some,
    Term,
    Without,
)
from helpdesk.catalogue.rows import Catalogue, fold
from helpdesk.clock import now
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.conditions import (
    NOTHING,
    AnyOf,
    Condition,
    Every,
    HasText,
    Not,
    Within,
)


def of_query(text: str, known: Catalogue) -> Condition | None:
    """The condition for a query; None for a blank one, and one that matches nothing for invalid
    syntax.
    """
    try:
        query = language.read(text)
    except NotReadable:
        return NOTHING
    return _condition(query, Fields(known), None) if query else None


def _condition(  # noqa: PLR0911 - one return for each kind
    query: Query, fields: Fields, name: str | None
) -> Condition:
    match query:
        case All():
            return Every(tuple(_condition(part, fields, name) for part in query.parts))
        case Some():
            return AnyOf(tuple(_condition(part, fields, name) for part in query.parts))
        case Without():
            return Not(_condition(query.part, fields, name))
        case Fielded(name="_exists_" | "_missing_", part=Term(text=field)):
            exists = fields.exists(field)
            return exists if query.name == "_exists_" else Not(exists)
        case Fielded():
            return _condition(query.part, fields, query.name)
        case Range():
            return _range(query, name)
        case Term():
            return _term(query, fields, name)


def _term(query: Term, fields: Fields, name: str | None) -> Condition:
    if name is None:
        return fields.anywhere(query.text, phrase=query.phrase)
    if name in MOMENTS and query.text != "*":
        return _on(name, query.text)
    return fields.matches(name, query.text, phrase=query.phrase)


def _range(query: Range, name: str | None) -> Condition:
    if name is None or name not in MOMENTS:
        return NOTHING
    span = moments.between(query)
    return Within(MOMENTS[name], *span) if span else NOTHING


Given = Mapping[str, Any]
"""An entry of a selector: operator, value, and its other keys."""

Operator = Callable[[str, list[str], Given, Fields], Condition]
"""Maps a field, its values, the whole entry and all fields to a condition."""


# --- selectors --------------------------------------------------------------------------------


def of_selector(given: object, actor: Actor, known: Catalogue) -> Condition | None:
    """The condition for a selector: all of its entries; None if it has none.

    Raises:
        Refusal: 422, for an invalid selector and for an unknown operator.
    """
    if not given:
        return None
    if not isinstance(given, dict):
        raise Refusal(422, "Invalid condition, expected an object.")
    fields = Fields(known)
    return Every(tuple(_entry(str(name), one, actor, fields) for name, one in given.items()))


def _entry(name: str, given: object, actor: Actor, fields: Fields) -> Condition:
    if not isinstance(given, dict):
        raise Refusal(422, f"Invalid condition for '{name[:100]}'.")
    operator = str(given.get("operator") or "")
    prefix, _, field = name.partition(".")
    if prefix != "ticket":
        field = name
    build = _OPERATORS.get(operator)
    if build is None:
        raise Refusal(422, f"Invalid operator '{operator[:100]}' for '{name[:100]}'.")
    values = _values(given)
    if given.get("pre_condition") == "current_user.id":
        values = [str(actor.me)]
    return build(field, values, given, fields)


def _values(given: Given) -> list[str]:
    value = given.get("value")
    listed = value if isinstance(value, list) else [value]
    return [str(one) for one in listed if isinstance(one, str | int)]


def _is(field: str, values: list[str], _given: Given, fields: Fields) -> Condition:
    if field in MOMENTS:
        return AnyOf(tuple(_on(field, value) for value in values))
    if fields.is_id(field):
        return fields.ids(field, values)
    if field in TEXTS:
        return AnyOf(tuple(_text(field, value) for value in values))
    return AnyOf(tuple(fields.matches(field, value, phrase=True) for value in values))


def _on(field: str, value: str) -> Condition:
    span = moments.read(value)
    return Within(MOMENTS[field], *span) if span else NOTHING


def _text(field: str, value: str, before: str = "", after: str = "") -> Condition:
    """Whether a text is a value, or begins or ends with it, or contains it."""
    if field in SAID:
        return says(value)
    attribute = TEXTS.get(field) or KEYWORDS.get(field)
    # Wildcards are literal here; `?` also matches any one character.
    folded = fold(value) if attribute == "tags" else postings.searched(value)
    literal = folded.replace("*", "?")
    return HasText(attribute, f"{before}{literal}{after}", whole=True) if attribute else NOTHING


def _contains(field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    return AnyOf(tuple(_text(field, value, "*", "*") for value in values))


def _starts(field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    return AnyOf(tuple(_text(field, value, after="*") for value in values))


def _ends(field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    return AnyOf(tuple(_text(field, value, "*") for value in values))


def _set(field: str, _values: list[str], _given: Given, fields: Fields) -> Condition:
    return fields.exists(field)


def _tags(values: list[str]) -> list[Condition]:
    names = [name.strip() for value in values for name in value.split(",")]
    return [_text("tags", name) for name in names if name]


def _all_tags(_field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    return Every(tuple(_tags(values)))


def _one_tag(_field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    return AnyOf(tuple(_tags(values)))


def _before(field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    span = moments.read(values[0]) if values else None
    return Within(MOMENTS[field], None, span.start) if span and field in MOMENTS else NOTHING


def _after(field: str, values: list[str], _given: Given, _fields: Fields) -> Condition:
    span = moments.read(values[0]) if values else None
    return Within(MOMENTS[field], span.start, None) if span and field in MOMENTS else NOTHING


def _relative(
    field: str, values: list[str], given: Given, *, back: bool, between: bool
) -> Condition:
    unit = moments.RANGES.get(str(given.get("range")))
    if field not in MOMENTS or unit is None or not values or not values[0].isdecimal():
        return NOTHING
    at = now()
    edge = moments.shift(at, int(values[0][:6]), unit, back)
    if edge is None:
        return NOTHING
    if between:
        start, end = (edge, at + timedelta(milliseconds=1)) if back else (at, edge)
        return Within(MOMENTS[field], start, end)
    start_end = (None, edge) if back else (edge, None)
    return Within(MOMENTS[field], *start_end)


def _negated(build: Operator) -> Operator:
    return lambda field, values, given, fields: Not(build(field, values, given, fields))


_OPERATORS: Mapping[str, Operator] = {
    "is": _is,
    "is not": _negated(_is),
    "contains": _contains,
    "contains not": _negated(_contains),
    "starts with": _starts,
    "ends with": _ends,
    "is set": _set,
    "not set": _negated(_set),
    "before (absolute)": _before,
    "after (absolute)": _after,
    "before (relative)": lambda f, v, g, _: _relative(f, v, g, back=True, between=False),
    "after (relative)": lambda f, v, g, _: _relative(f, v, g, back=False, between=False),
    "within last (relative)": lambda f, v, g, _: _relative(f, v, g, back=True, between=True),
    "within next (relative)": lambda f, v, g, _: _relative(f, v, g, back=False, between=True),
    "contains all": _all_tags,
    "contains one": _one_tag,
    "contains all not": _negated(_all_tags),
    "contains one not": _negated(_one_tag),
}


def both(*conditions: Condition | None) -> Condition | None:
    """All of these that are not None; None if all are."""
    found = tuple(one for one in conditions if one is not None)
    return Every(found) if found else None
