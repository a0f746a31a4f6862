"""Bodies and responses of the Notific API as the OpenAPI document describes them. Sections:
docs/notific.md.

Schemas apply to JSON and XML alike: elements are named like properties. A test compares them with
the shapes, by which bodies are parsed and responses written.
"""

from collections.abc import Mapping
from typing import Any

from dialects.describing import (
    Words,
    boolean,
    integer,
    list_of,
    map_of,
    maybe,
    text,
    thing,
)
from dialects.notific import services, tickets
from dialects.notific.contracts import ARRAYS
from dialects.notific.shapes import CUSTOMER, OPERATOR, SERVICE, TICKET, Shape
from helpdesk import customers
from helpdesk.tickets import change_values

TIME = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$",
    "description": "UTC.",
    "examples": ["2001-01-01T12:00:00Z"],
}
GIVEN_TIME = {
    "type": "string",
    "format": "date-time",
    "description": "UTC if there is no time zone; an offset is converted. `/Date(978350400000)/` "
    "is accepted, too.",
    "examples": ["2001-01-01T12:00:00Z"],
}


def _ids(description: str, **words: Any) -> dict[str, Any]:
    item = integer(xml={"name": "int", "namespace": ARRAYS}, examples=[1])
    return list_of(item, description, xml={"wrapped": True}, **words)


_OF_TICKETS: Mapping[str, Words] = {
    "Id": integer("The ticket's id in every dialect.", examples=[7]),
    "Number": text("The ticket's number.", examples=["781258"]),
    "Title": text(examples=["No VPN"]),
    "Description": text(
        "The text of the first message, or of the latest change of the description.",
        examples=["We are looking into it."],
    ),
    "Services": _ids("The services that it affects."),
    "OperatorId": maybe(integer("The operator who works on it.", examples=[4])),
    "CustomerId": maybe(integer("The customer who reported it, if any.", examples=[4])),
    "StartTime": maybe(TIME),
    "EndTime": maybe(TIME),
    "ExpectedResolutionTime": maybe(TIME),
    "NextUpdateTime": maybe(TIME),
    "CreatedTime": TIME,
    "UpdatedTime": TIME,
    "ClosedTime": maybe({**TIME, "description": "Null while it is open."}),
    "ReopenedTime": maybe({**TIME, "description": "Null while it is closed."}),
    "Status": text(enum=["Open", "Closed"]),
}
_PHONE = maybe(text(examples=["+49 170 1234567"]))
_OF_CUSTOMERS: Mapping[str, Words] = {
    "Id": integer(examples=[4]),
    "Name": text(examples=["Ada Lovelace"]),
    "Email": text(examples=["ada@example.org"]),
    "CellPhone": _PHONE,
    "Services": _ids("The services they are notified of."),
}
_OF_SERVICES: Mapping[str, Words] = {
    "Id": integer(examples=[1]),
    "Name": text(examples=["VPN"]),
    "Description": text(examples=["Access from outside"]),
}
_OF_OPERATORS: Mapping[str, Words] = {
    "Id": integer(examples=[4]),
    "Name": text(examples=["Grace Hopper"]),
    "Email": text(examples=["grace@example.org"]),
    "CellPhone": _PHONE,
}


def _entity(shape: Shape, properties: Mapping[str, Words]) -> dict[str, Any]:
    """The schema of a response: properties in this order in JSON, alphabetically in XML."""
    return thing({one.name: properties[one.name] for one in shape.shown}, xml={"name": shape.name})


def _given(shape: Shape, required: tuple[str, ...], properties: Mapping[str, Words]) -> Words:
    """The schema of a body: properties not listed here are ignored."""
    return {
        "type": "object",
        "required": list(required),
        "properties": dict(properties),
        "xml": {"name": shape.name},
    }


_TIMES: Mapping[str, Words] = {
    "StartTime": maybe(GIVEN_TIME),
    "EndTime": maybe({**GIVEN_TIME, "description": "Not before the `StartTime`."}),
    "ExpectedResolutionTime": maybe(GIVEN_TIME),
    "NextUpdateTime": maybe(GIVEN_TIME),
}
_QUIET = maybe(boolean("Whether this change sends no mail, not even to staff.", default=False))
NEW_TICKET = _given(
    TICKET,
    ("Title", "Description"),
    {
        "Title": text(minLength=1, maxLength=tickets.LONGEST_TITLE, examples=["No VPN"]),
        "Description": text(minLength=1, examples=["We are looking into it."]),
        "Services": maybe(
            _ids("The services that it affects.", maxItems=change_values.MOST_SERVICES)
        ),
        "OperatorId": maybe(integer("The operator who works on it.", examples=[4])),
        "CustomerId": maybe(
            integer("The customer who reported it; by default the desk.", examples=[4])
        ),
        **_TIMES,
        "StartTime": maybe({**GIVEN_TIME, "description": "By default now."}),
        "DoNotSendEmail": _QUIET,
    },
)
TICKET_CHANGE = _given(
    TICKET,
    ("Id",),
    {
        "Id": integer("The same as in the path.", examples=[7]),
        "Description": maybe(text("Stays as it is if left out.", examples=["It is back."])),
        **_TIMES,
        "ClosedTime": maybe({**GIVEN_TIME, "description": "A new one closes an open ticket."}),
        "ReopenedTime": maybe({**GIVEN_TIME, "description": "A new one reopens a closed ticket."}),
        "DoNotSendEmail": _QUIET,
    },
)


def _line(most: int, *examples: str) -> dict[str, Any]:
    return text(minLength=1, maxLength=most, examples=list(examples))


def _bodies(shape: Shape, required: tuple[str, ...], values: Mapping[str, Words]) -> dict[str, Any]:
    """The bodies of a new entity and of a replacement."""
    whole = {"Id": integer("The same as in the path.", examples=[4]), **values}
    return {
        f"New{shape.name}": _given(shape, required, values),
        f"{shape.name}Values": _given(shape, ("Id", *required), whole),
    }


_OF_PEOPLE = {
    "Name": _line(customers.LONGEST["name"], "Ada Lovelace"),
    "Email": {**_line(customers.LONGEST["email"], "ada@example.org"), "format": "email"},
    "CellPhone": maybe(text(maxLength=customers.LONGEST["mobile"], examples=["+49 170 1234567"])),
}

SCHEMAS: Mapping[str, Words] = {
    "Ticket": _entity(TICKET, _OF_TICKETS),
    "Customer": _entity(CUSTOMER, _OF_CUSTOMERS),
    "Service": _entity(SERVICE, _OF_SERVICES),
    "Operator": _entity(OPERATOR, _OF_OPERATORS),
    "NewTicket": NEW_TICKET,
    "TicketChange": TICKET_CHANGE,
    **_bodies(
        CUSTOMER,
        ("Name", "Email"),
        {
            **_OF_PEOPLE,
            "Services": maybe(
                _ids("The services to be notified of.", maxItems=customers.MOST_SERVICES)
            ),
        },
    ),
    **_bodies(
        SERVICE,
        ("Name",),
        {
            "Name": _line(services.LONGEST["name"], "VPN"),
            "Description": maybe(
                text(maxLength=services.LONGEST["description"], examples=["Access from outside"])
            ),
        },
    ),
    **_bodies(OPERATOR, ("Name", "Email"), _OF_PEOPLE),
    "Refusal": thing(
        {
            "Message": text(examples=["The request is invalid."]),
            "ModelState": map_of(
                list_of(text()),
                "What is wrong with each property, by its name, such as `ticket.Title`. In "
                "XML, one element of this name contains all of it.",
            ),
        },
        "ModelState",
        xml={"name": "Error"},
    ),
}
