"""Parses bodies of the admin API of people into the desk's operation, by pydantic models."""

from typing import Annotated, Any

from pydantic import Field

from dialects import models
from dialects.admin.bodies import read_body
from dialects.admin.values import Address, Body, Id, Line, Text
from dialects.endpoint import Request
from helpdesk.people import LONGEST, MOST_ORGANIZATIONS

FirstName = Annotated[Line, Field(max_length=LONGEST["firstname"])]
LastName = Annotated[Line, Field(max_length=LONGEST["lastname"])]
WholeName = Annotated[Line, Field(min_length=1, max_length=LONGEST["lastname"])]
Phone = Annotated[Line, Field(max_length=LONGEST["phone"])]
Organizations = Annotated[tuple[Id, ...], Field(max_length=MOST_ORGANIZATIONS)]
Notes = Annotated[Text, Field(max_length=LONGEST["notes"])]


class PersonBody(Body):
    """What of a person is to change."""

    name: WholeName
    firstname: FirstName
    lastname: LastName
    email: Address | None
    phone: Phone
    mobile: Phone
    notes: Notes
    organization: Id | None
    organizations: Organizations
    active: bool
    vip: bool


def changes(request: Request) -> dict[str, Any]:
    """The requested changes of a person, under the model's names.

    Raises:
        Unreadable: The body is not JSON.
        Invalid: With every problem of the body.
    """
    values = read_body(models.partial(PersonBody), request.body)
    if "email" in values:
        values["email"] = values["email"] or ""
    return values
