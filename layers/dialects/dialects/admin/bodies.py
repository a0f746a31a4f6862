"""From bodies of the admin API to the desk's operations, by pydantic models.

A field that is not in a body stays as it is, or has the model's default. An unknown field is
refused: a key with `network` instead of `networks` would otherwise be open to the world.
"""

import re
from datetime import timedelta
from typing import Annotated, Any, cast

from pydantic import Field
from pydantic_core import ErrorDetails

from dialects import models
from dialects.admin import read
from dialects.admin.refuse import Unreadable
from dialects.admin.rows import BODIES
from dialects.admin.settings import BanListBody, SettingsBody
from dialects.admin.values import (
    MOST_ITEMS,
    Address,
    Advice,
    Body,
    Id,
    Ids,
    Name,
    Network,
    OverlapHours,
    Permission,
    Rows,
    Short,
    SourceAddress,
    Text,
    Time,
    WrittenTime,
)
from dialects.endpoint import Request
from helpdesk.catalogue.stock import FIELDS
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.keys.permissions import KeyFacts
from helpdesk.model.catalogue import CustomField
from helpdesk.monitoring.moves import MOST


class KeyBody(Body):
    """A new key."""

    name: Name
    permissions: frozenset[Permission] = frozenset()
    networks: Annotated[tuple[Network, ...], Field(max_length=MOST_ITEMS)] = ()
    active: bool = True
    expires: Time | None = None
    departments: Ids = frozenset()
    agent: Id | None = None
    customer: Id | None = None
    # No default_factory: `models.partial` gives the field another default.
    dismissed: dict[Advice, WrittenTime] = Field(default={}, max_length=MOST_ITEMS)


class KeyCheckBody(Body):
    """What to check a key with; the address defaults to the caller's own."""

    address: SourceAddress | None = None
    permission: Permission | None = None


class OrderBody(Body):
    """The ids of all rows of a kind, in their new order."""

    ids: Rows


class RotationBody(Body):
    """How long the previous secret still works."""

    overlap_hours: OverlapHours = 0


class RedriveBody(Body):
    """How many dead letters to retry: the number that was counted."""

    count: Annotated[int, Field(ge=1, le=MOST)]


class AsideBody(Body):
    """Why a dead letter is discarded."""

    reason: Annotated[Short, Field(min_length=1)]


def redrive(request: Request) -> int:
    """How many dead letters are to be tried again.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return int(read_body(RedriveBody, request.body)["count"])


def reason(request: Request) -> str:
    """Why a dead letter is put aside.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return str(read_body(AsideBody, request.body)["reason"])


TicketReference = Annotated[str, Field(min_length=1, max_length=64)] | Id
"""A ticket by its number, or by its id where that is too short for one."""


class DraftBody(Body):
    """Draft texts of a template, and a ticket to fill them in from."""

    subject: Annotated[str, Field(max_length=255)]
    body: Text
    ticket: TicketReference | None = None


class TemplateTestBody(Body):
    """The recipient of a test mail rendered from a template and a ticket."""

    to: Address
    ticket: TicketReference | None = None


def draft(request: Request) -> tuple[str, str, int | str | None]:
    """Subject and body of a template, and a ticket.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    values = read_body(DraftBody, request.body)
    return values["subject"], values["body"], values.get("ticket")


def template_test(request: Request) -> tuple[str, int | str | None]:
    """To whom a mail goes, and the ticket that it is about.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    values = read_body(TemplateTestBody, request.body)
    return values["to"], values.get("ticket")


class TrialBody(Body):
    """The recipient of a test mail."""

    to: Address


def trial(request: Request) -> str:
    """To whom a test goes.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return str(read_body(TrialBody, request.body)["to"])


class SuppressionBody(Body):
    """An address that is to receive no more mail."""

    address: Address


def suppression(request: Request) -> str:
    """The address that is to get no more mail.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return str(read_body(SuppressionBody, request.body)["address"])


class NoBody(Body):
    """An empty body."""


def nothing(request: Request) -> None:
    """Checks that a body is empty: an empty object, or no bytes.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: It is not empty.
    """
    read_body(NoBody, request.body or b"{}")


def new_key(request: Request) -> KeyFacts:
    """The values of a new key.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return cast("KeyFacts", read_body(KeyBody, request.body))


def key_changes(request: Request) -> KeyFacts:
    """What is to change of a key.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return cast("KeyFacts", read_body(models.partial(KeyBody), request.body))


def key_check(request: Request) -> dict[str, Any]:
    """`address` and `permission` that a key is to be tried with.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return read_body(KeyCheckBody, request.body or b"{}")


def overlap(request: Request) -> timedelta:
    """For how long the old secret stays valid; 0 for an empty body.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return timedelta(hours=read_body(RotationBody, request.body or b"{}").get("overlap_hours", 0))


def new_row(request: Request) -> dict[str, Any]:
    """The values of a new row, under the model's names.

    Raises:
        NotFound: There is no such kind.
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return _values(read_body(_body(request), request.body))


def row_changes(request: Request) -> dict[str, Any]:
    """What is to change of a row; the body may hold its own id.

    Raises:
        NotFound: There is no such kind.
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    values = _values(read_body(models.partial(_body(request)), request.body))
    if values.pop("id", read.number(request)) != read.number(request):
        raise Invalid(Problem("id", "read_only"))
    return values


def order(request: Request) -> tuple[int, ...]:
    """The ids of rows in their order.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    ids: tuple[int, ...] = read_body(OrderBody, request.body)["ids"]
    return ids


def settings(request: Request) -> dict[str, Any]:
    """What is to change of the settings.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    return read_body(SettingsBody, request.body)


def ban_list(request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that are to come on the ban list, and those that are to go.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    sent = read_body(BanListBody, request.body)
    return sent.get("add", ()), sent.get("remove", ())


def _body(request: Request) -> type[Body]:
    kind = read.kind(request)
    if kind not in BODIES:
        raise NotFound("kind", kind)
    return BODIES[kind]


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """The values, in the model's types."""
    if values.get("id", 0) is None:
        del values["id"]
    if "fields" in values:
        values["fields"] = _custom_fields(values["fields"])
    if "days" in values:
        values["days"] = {int(day): hours for day, hours in values["days"].items()}
    return values


def _custom_fields(sent: tuple[dict[str, Any], ...]) -> tuple[CustomField, ...]:
    """A topic's fields; the id is 0 if none is given.

    Raises:
        Invalid: `names` or `ids` that are not different.
    """
    names, ids = [field["name"] for field in sent], [field.get("id") for field in sent]
    if len(set(names)) < len(names) or RESERVED.intersection(names):
        raise Invalid(Problem("fields", "names"))
    chosen = [number for number in ids if number is not None]
    if len(set(chosen)) < len(chosen):
        raise Invalid(Problem("fields", "ids"))
    # The desk assigns ids to those without.
    return tuple(
        CustomField(**{**field, "form": "topic", "id": field.get("id") or 0}) for field in sent
    )


def read_body(body: type[Body], data: bytes) -> dict[str, Any]:
    """The fields given in a body, as in its model.

    Raises:
        Unreadable: The body is no JSON.
        Invalid: With every problem of the body.
    """
    try:
        return models.validate_json(body, data, _problem).model_dump(exclude_unset=True)
    except models.NotJsonAt as bad:
        raise Unreadable(str(bad)) from bad


RESERVED = {field.name for field in FIELDS}
"""Names used by the desk's own forms, with which a topic's field must not conflict."""


def _problem(found: ErrorDetails) -> Problem:
    path = [str(part)[:64] for part in found["loc"]]
    words = WORDS.get(found["type"]) or re.sub(r"^[A-Z][a-z]+ should", "must", found["msg"])
    # What pydantic says of a length that is checked behind other checks.
    words = re.sub(r"(\d+) items? after validation, not \d+", r"\1 characters", words)
    return Problem(
        path[0] if path else "", found["type"], label=".".join(path) or "The body", detail=words
    )


WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "model_type": "must be an object",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "has characters or a length that it must not have",
}
"""Texts that replace pydantic's own."""
