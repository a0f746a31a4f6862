"""The body that changes the settings, derived from the desk's own Settings."""

from dataclasses import fields
from typing import Annotated, Any, get_type_hints

from pydantic import Field, create_model

from dialects.admin.values import (
    MOST_ITEMS,
    Banned,
    Body,
    Count,
    FileType,
    Id,
    Listed,
    Name,
    NumberFormat,
    Short,
    TimeZone,
)
from helpdesk.directory.settings import MOST_BANNED
from helpdesk.model.settings import Settings

_OF_A_TYPE: dict[Any, Any] = {int: Count, str: Short}
"""The type of a setting in the body, by its type in Settings; others are unchanged."""

_OF_A_SETTING: dict[str, Any] = {
    "helpdesk_title": Name,
    "default_dept_id": Id,
    "default_ticket_status_id": Id,
    "default_priority_id": Id,
    "default_schedule_id": Id,
    "default_timezone": TimeZone,
    "ticket_number_format": NumberFormat,
    "max_files": Annotated[int, Field(ge=0, le=60)],
    "file_types": Annotated[tuple[FileType, ...], Field(max_length=MOST_ITEMS)],
    "ban_list": Annotated[tuple[Banned, ...], Field(max_length=MOST_BANNED)],
}
"""The type of a setting in the body, if its type in Settings is too general."""


def _fields() -> dict[str, Any]:
    types = get_type_hints(Settings)
    return {
        field.name: (
            _OF_A_SETTING.get(field.name, _OF_A_TYPE.get(types[field.name], types[field.name])),
            field.default,
        )
        for field in fields(Settings)
    }


SettingsBody = create_model(
    "SettingsBody",
    __base__=Body,
    __doc__="The settings; those left out stay as they are.",
    **_fields(),
)


class BanListBody(Body):
    """Addresses to add to the ban list, and addresses to remove."""

    add: Annotated[tuple[Banned, ...], Field(max_length=MOST_BANNED)] = ()
    remove: Annotated[tuple[Listed, ...], Field(max_length=MOST_BANNED)] = ()
