"""Shows the desk's custom fields as Zammad's object attributes (docs/zammad.md 17.23)."""

from collections.abc import Iterator, Mapping
from typing import Any

from dialects.zammad.catalogue.show import EPOCH
from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import THE_DESK
from helpdesk.model.catalogue import CustomField

_OBJECTS = {"ticket": "Ticket", "topic": "Ticket", "contact": "User"}
_TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("input", "text"),
    "memo": ("textarea", "textarea"),
    "phone": ("input", "tel"),
    "email": ("input", "email"),
    "ip": ("input", "text"),
    "datetime": ("datetime", "datetime"),
    "choice": ("select", "select"),
    "boolean": ("boolean", "boolean"),
    "number": ("integer", "integer"),
}
"""Zammad's data type and input type for each kind of field."""


def attributes(known: Catalogue) -> list[dict[str, Any]]:
    """A row for each field that an admin has added, in the order of the forms. A field shared by
    several topics is listed once.
    """
    rows = {(_OBJECTS[row.form], row.name): row for row in _fields(known)}
    return [_row(place, *named) for place, named in enumerate(rows.items(), start=1)]


def _fields(known: Catalogue) -> Iterator[CustomField]:
    own = sorted(known.fields.values(), key=lambda row: (row.form, row.sort, row.id))
    yield from (row for row in own if row.name not in fields.BUILT_IN)
    for _, topic in sorted(known.topics.items()):
        yield from sorted(topic.fields, key=lambda row: (row.sort, row.id))


def _row(place: int, named: tuple[str, str], row: CustomField) -> dict[str, Any]:
    data_type, input_type = _TYPES[row.kind]
    option: dict[str, Any] = {"default": None, "null": not row.required, "type": input_type}
    if row.kind == "choice":
        option |= {"options": dict(row.choices), "nulloption": True}
    elif row.kind == "boolean":
        option |= {"options": {"true": "yes", "false": "no"}}
    elif data_type in {"input", "textarea"}:
        longest = fields.LONGEST_MEMO if row.kind == "memo" else fields.LONGEST_LINE
        option["maxlength"] = longest
    return {
        "id": place,
        "object": named[0],
        "name": row.name,
        "display": row.label,
        "data_type": data_type,
        "data_option": option,
        "editable": True,
        "active": True,
        "position": place,
        "screens": {},
        "to_create": False,
        "to_migrate": False,
        "to_delete": False,
        "to_config": False,
        "created_by_id": THE_DESK,
        "updated_by_id": THE_DESK,
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
