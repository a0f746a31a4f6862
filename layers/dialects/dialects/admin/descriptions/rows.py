"""Rows of the catalogue and organizations (docs/admin.md, Rows), and the settings."""

from collections.abc import Mapping

from dialects import models
from dialects.admin.bodies import OrderBody
from dialects.admin.describing import (
    CHANGED,
    DELETED,
    IF_MATCH,
    JSON,
    OF_BODIES,
    OF_LISTS,
    OF_WRITES,
    PAGES,
    TIME,
    answers,
    bodies,
    by_id,
    page_of,
    record,
)
from dialects.admin.rows import BODIES
from dialects.admin.settings import BanListBody, SettingsBody
from dialects.describing import (
    Operation,
    Words,
    any_of,
    boolean,
    list_of,
    maybe,
    path,
    query,
    ref,
    text,
    thing,
)
from helpdesk.catalogue.rows import KINDS
from helpdesk.directory.uses import Named, Uses
from helpdesk.errors import Conflict, InUse, Invalid, NotFound, Problem
from helpdesk.model.people import Organization
from helpdesk.model.settings import Settings

TAGS = {
    "Catalogue": "Departments, topics, statuses, agents: everything that tickets refer to.",
    "Settings": "Settings of the whole desk.",
}
_CATALOGUE, _SETTINGS = TAGS

_CHANGES = {kind: models.partial(body) for kind, body in BODIES.items()}


def _organization() -> Words:
    shown = record(Organization, created=maybe(TIME), updated=maybe(TIME))
    hidden = {"created_by", "updated_by", "version"}
    return {
        **shown,
        "properties": {n: one for n, one in shown["properties"].items() if n not in hidden},
        "required": [name for name in shown["required"] if name not in hidden],
    }


ROWS: Mapping[str, str] = {
    **{kind: row.__name__ for kind, row in KINDS.items()},
    "organizations": "Organization",
}
"""The schema of a row of each kind."""

SCHEMAS: Mapping[str, Words] = {
    **{row.__name__: record(row) for row in KINDS.values()},
    "Organization": _organization(),
    "Settings": record(Settings),
    "BanList": thing(
        {
            "ban_list": list_of(text(examples=["*@spam.example"])),
            "added": list_of(text()),
            "removed": list_of(text()),
        }
    ),
    **bodies(*BODIES.values(), *_CHANGES.values(), SettingsBody, BanListBody, OrderBody),
}

_KIND = path("kind", text("The kind of rows.", enum=list(BODIES), examples=["departments"]))
_ROW = any_of(*(ref(name) for name in ROWS.values()))
_ONE = (_KIND, by_id("The row."))
_UNKNOWN = (NotFound("row", 1),)
_TAKEN = (Conflict("name_taken"), Conflict("id_taken"), Conflict("built_in"))
_USED = Uses(rows=(Named("topics", 10, "Maintenance"),), tickets=12)
_IN_USE = (InUse(_USED.first, _USED), Conflict("last_row"))

OPERATIONS = {
    "list_rows": Operation(
        tag=_CATALOGUE,
        parameters=(
            _KIND,
            query("q", text("Part of the row's name.", maxLength=200)),
            query("active", boolean("Only active rows, or only inactive ones.")),
            *PAGES,
        ),
        answers=page_of(_ROW),
        refusals=(*_UNKNOWN, *OF_LISTS),
        description="By id.",
    ),
    "create_row": Operation(
        tag=_CATALOGUE,
        parameters=(_KIND,),
        body={JSON: any_of(*(ref(body.__name__) for body in BODIES.values()))},
        answers=answers(_ROW, 201),
        refusals=(*_UNKNOWN, *_TAKEN, *OF_BODIES, *OF_WRITES),
    ),
    "get_row": Operation(tag=_CATALOGUE, parameters=_ONE, answers=answers(_ROW), refusals=_UNKNOWN),
    "update_row": Operation(
        tag=_CATALOGUE,
        parameters=(*_ONE, IF_MATCH),
        body={JSON: any_of(*(ref(body.__name__) for body in _CHANGES.values()))},
        answers=answers(_ROW),
        refusals=(
            *_UNKNOWN,
            *_TAKEN[::2],
            *_IN_USE[:1],
            Conflict("default_row"),
            Conflict("last_of_state"),
            *OF_BODIES,
            *CHANGED,
            *OF_WRITES,
        ),
    ),
    "delete_row": Operation(
        tag=_CATALOGUE,
        parameters=(*_ONE, IF_MATCH),
        answers=answers(DELETED),
        refusals=(
            *_UNKNOWN,
            *_IN_USE,
            *_TAKEN[2:],
            Conflict("last_of_state"),
            *CHANGED,
            *OF_WRITES,
        ),
    ),
    "order_rows": Operation(
        tag=_CATALOGUE,
        parameters=(_KIND,),
        body={JSON: ref("OrderBody")},
        answers=page_of(_ROW),
        refusals=(*_UNKNOWN, Invalid(Problem("ids", "order")), *OF_BODIES, *OF_WRITES),
        description="All rows at once. Only for kinds that have an order.",
    ),
    "get_uses": Operation(
        tag=_CATALOGUE, parameters=_ONE, answers=answers(ref("Uses")), refusals=_UNKNOWN
    ),
    "get_settings": Operation(tag=_SETTINGS, answers=answers(ref("Settings"))),
    "update_settings": Operation(
        tag=_SETTINGS,
        parameters=(IF_MATCH,),
        body={JSON: ref("SettingsBody")},
        answers=answers(ref("Settings")),
        refusals=(*OF_BODIES, *CHANGED, *OF_WRITES),
    ),
    "update_ban_list": Operation(
        tag=_SETTINGS,
        body={JSON: ref("BanListBody")},
        answers=answers(ref("BanList")),
        refusals=(*OF_BODIES, *OF_WRITES),
        description="Concurrent changes by others are kept.",
    ),
}
