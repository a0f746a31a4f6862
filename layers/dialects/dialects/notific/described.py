"""The Notific family as its OpenAPI document describes it. Sections: docs/notific.md."""

from collections.abc import Mapping

from dialects.describing import (
    Family,
    Operation,
    Words,
    integer,
    list_of,
    path,
    query,
    ref,
    text,
)
from dialects.endpoint import UnknownPath
from dialects.notific import media, tickets
from dialects.notific.describing import SCHEMAS
from dialects.notific.read import OTHER_ID, UNREADABLE
from dialects.notific.refuse import BadRequest, TooLong, Unsupported
from dialects.notific.shapes import CUSTOMER, OPERATOR, SERVICE, TICKET, Shape
from dialects.notific.unsubscribing import BACK
from helpdesk import customers
from helpdesk.errors import (
    ChangedUnderYou,
    Conflict,
    Inactive,
    Invalid,
    NotFound,
    Problem,
    Throttled,
    TooLarge,
    TooManyOpen,
    Unavailable,
)
from helpdesk.tickets import change_values

HTML, ATOM, FORM = "text/html", "application/atom+xml", "application/x-www-form-urlencoded"

PAGES = "Pages"
"""The tag of the pages for people; the others are named like the resources."""


def _each(schema: Words) -> dict[str, Words]:
    return dict.fromkeys(media.TYPES, schema)


def _of(shape: Shape, status: int = 200) -> dict[int, dict[str, Words]]:
    return {status: _each(ref(shape.name))}


_BY_ID = (path("id", integer(minimum=1, maximum=2**31 - 1, examples=[1])),)
_WINDOW = (
    query(
        "$top",
        integer(
            "The maximum number of items to return.", minimum=0, maximum=999_999_999, examples=[50]
        ),
    ),
    query(
        "$skip",
        integer("The number of items to skip.", minimum=0, maximum=999_999_999, examples=[50]),
    ),
)
_OF_WRITES = (ChangedUnderYou(), TooLarge("item", 0))


def _unreadable(shape: Shape, name: str) -> tuple[Exception, ...]:
    """The errors for unreadable bodies, the last one for an invalid property."""
    return (
        Unsupported("text/plain"),
        Unsupported(""),
        BadRequest({shape.argument: [UNREADABLE]}),
        BadRequest({f"{shape.argument}.{name}": [UNREADABLE]}),
    )


_Refusals = tuple[Exception, ...]


def _resource(
    shape: Shape,
    change: str,
    invalid: tuple[_Refusals, _Refusals],
    words: Mapping[str, str],
    kept: _Refusals = (),
) -> dict[str, Operation]:
    """The five operations of a resource.

    Args:
        shape: The resource.
        change: The schema of the body of a change.
        invalid: The errors for the values of a new record, and for those of a change.
        words: The texts of each operation, by its method.
        kept: The errors of a deletion.
    """
    name, tag = shape.argument, shape.plural
    missing = (BadRequest(), NotFound(shape.name, 7))
    unreadable = _unreadable(shape, shape.properties[-1].name)
    other = BadRequest({f"{name}.Id": [OTHER_ID]})
    of_new, of_change = invalid
    return {
        f"list_{name}s": Operation(
            tag=tag,
            parameters=_WINDOW,
            answers={
                200: {
                    kind: list_of(ref(shape.name), xml={"name": f"ArrayOf{shape.name}"})
                    for kind in media.TYPES
                }
            },
            refusals=(BadRequest(), TooLong()),
            description=words["list"],
        ),
        f"create_{name}": Operation(
            tag=tag,
            body=_each(ref(f"New{shape.name}")),
            answers=_of(shape, 201),
            refusals=(*unreadable, *of_new, *_OF_WRITES),
            description=words["create"],
        ),
        f"get_{name}": Operation(
            tag=tag,
            parameters=_BY_ID,
            answers=_of(shape),
            refusals=missing,
            description=words.get("get", ""),
        ),
        f"update_{name}": Operation(
            tag=tag,
            parameters=_BY_ID,
            body=_each(ref(change)),
            answers=_of(shape),
            refusals=(*missing, *unreadable, other, *of_change, *_OF_WRITES),
            description=words["update"],
        ),
        f"delete_{name}": Operation(
            tag=tag,
            parameters=_BY_ID,
            answers=_of(shape),
            refusals=(*missing, *kept, *_OF_WRITES),
            description=words["delete"],
        ),
    }


def _long(name: str, most: int) -> Problem:
    return Problem(name, "too_long", detail=str(most))


_OF_TIMES = Invalid(Problem("end", "before_start"))
_OF_NAMES = (Invalid(Problem("name", "required")), Invalid(_long("name", 200)))
_OF_ADDRESSES = (
    Invalid(Problem("email", "required")),
    Invalid(Problem("email", "email")),
    Conflict("email_taken"),
    Invalid(_long("mobile", 64)),
)
_OF_SERVICES_NAMED = (
    Invalid(Problem("services", "unknown", detail="99999")),
    Invalid(Problem("services", "too_many", detail=str(customers.MOST_SERVICES))),
)
_OF_CUSTOMER = (*_OF_NAMES, *_OF_ADDRESSES, *_OF_SERVICES_NAMED)
_OF_SERVICE = (*_OF_NAMES, Conflict("name_taken"), Invalid(_long("description", 10_000)))
_OF_OPERATOR = (*_OF_NAMES, *_OF_ADDRESSES)
_NEW_TICKETS = (
    Invalid(Problem("subject", "required"), Problem("message", "required")),
    Invalid(_long("subject", tickets.LONGEST_TITLE)),
    _OF_TIMES,
    _OF_SERVICES_NAMED[0],
    Invalid(Problem("services", "too_many", detail=str(change_values.MOST_SERVICES))),
    NotFound("agent", 99999),
    Inactive("agent", 4),
    NotFound("person", 99999),
    TooManyOpen(),
)

_OPERATIONS: dict[str, Operation] = {
    **_resource(
        TICKET,
        "TicketChange",
        (_NEW_TICKETS, (_OF_TIMES, Invalid(Problem("closed_time", "both")))),
        {
            "list": "By Id: all of them, or a page.",
            "create": "Subscribers of its services are notified by mail; if it has no services, "
            "its customer is.",
            "update": "Changes the description and the times; a time that is left out is erased. "
            "The whole ticket may be sent back as read: only differences have an effect, and "
            "subscribers are notified of them in one mail.",
            "delete": "Returns the deleted ticket.",
        },
    ),
    **_resource(
        CUSTOMER,
        "CustomerValues",
        (_OF_CUSTOMER, _OF_CUSTOMER),
        {
            "list": "Those created or taken over as customers, by Id: all of them, or a page.",
            "get": "Also any other person whom a ticket names as its customer.",
            "create": "A known person with this address who is not a customer yet becomes one.",
            "update": "Replaces the whole record: fields left out are erased.",
            "delete": "Returns the deleted customer.",
        },
        (Conflict("in_use", "tickets"),),
    ),
    **_resource(
        SERVICE,
        "ServiceValues",
        (_OF_SERVICE, _OF_SERVICE),
        {
            "list": "By Id: all of them, or a page.",
            "create": "The name must be unique, ignoring case.",
            "update": "Replaces the whole record: fields left out are erased.",
            "delete": "Returns the deleted service. It is removed from customers and tickets.",
        },
    ),
    **_resource(
        OPERATOR,
        "OperatorValues",
        (_OF_OPERATOR, _OF_OPERATOR),
        {
            "list": "By Id: all of them, or a page.",
            "create": "The address must be unique among operators.",
            "update": "Replaces the whole record: fields left out are erased.",
            "delete": "Returns the deleted operator. Open tickets are unassigned from them.",
        },
        (Conflict("in_use", "teams 1"),),
    ),
}

# --- pages ----------------------------------------------------------------------------------

_NONE = (NotFound("status"), Throttled(), Unavailable())
_TOKEN = (query("token", text("A signed token from the mail, which names a person and services.")),)
_PAGE = {200: {HTML: text()}, 400: {HTML: text()}}
_OF_PAGES = (Throttled(), Unavailable())
_OPERATIONS |= {
    "show_unsubscribe": Operation(
        tag=PAGES,
        parameters=_TOKEN,
        answers=_PAGE,
        refusals=_OF_PAGES,
        description="Changes nothing.",
    ),
    "unsubscribe": Operation(
        tag=PAGES,
        parameters=_TOKEN,
        body={
            FORM: {
                "type": "object",
                "properties": {
                    "List-Unsubscribe": text("Sent by mail clients (RFC 8058)."),
                    BACK: text("Undoes the unsubscription."),
                },
            }
        },
        example={"List-Unsubscribe": "One-Click"},
        answers=_PAGE,
        refusals=_OF_PAGES,
    ),
    "show_status": Operation(
        tag=PAGES,
        answers={200: {HTML: text()}},
        refusals=_NONE,
        description="Only if the setting `status_page` is on.",
    ),
    "show_status_feed": Operation(
        tag=PAGES,
        answers={200: {ATOM: text()}},
        refusals=_NONE,
        description="Atom; only if the setting `status_page` is on.",
    ),
    "explore": Operation(
        tag=PAGES,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {HTML: text(), "text/css": text(), "text/javascript": text(), media.JSON: {}}
        },
        refusals=(UnknownPath(),),
        description="Also serves the page's files, this document among them.",
    ),
}

NOTIFIC = Family(
    api="NotificApi",
    folder="notific",
    title="Deskless: the Notific family",
    description="Notific's REST API: tickets with the services they affect, and customers who are "
    "notified of them by mail. The tickets are those of the other families. Requests and "
    "responses are JSON or XML, as DataContractSerializer writes it: in responses, "
    'elements are in alphabetical order, and null is `i:nil="true"`. Property names are '
    "case-insensitive, and unknown ones are ignored. Each path is also served all in lower "
    "case.",
    tags={
        TICKET.plural: "Incidents and planned work.",
        CUSTOMER.plural: "Customers and the services they subscribe to.",
        SERVICE.plural: "Services that tickets affect.",
        OPERATOR.plural: "The desk's agents.",
        PAGES: "Pages that need no key.",
    },
    operations=_OPERATIONS,
    schemas=SCHEMAS,
    refusals=(Throttled(), Unavailable(), Exception()),
    refused={frozenset({"Message"}): "Refusal", frozenset({"Message", "ModelState"}): "Refusal"},
    security={
        "key": {
            "type": "apiKey",
            "in": "query",
            "name": "key",
            "description": "Sent in the query string; it is never logged.",
        }
    },
    formats=media.TYPES,
)
