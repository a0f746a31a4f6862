"""People (docs/admin.md, People)."""

from collections.abc import Mapping

from dialects import models
from dialects.admin.describing import (
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
)
from dialects.admin.people.bodies import PersonBody
from dialects.admin.people.search import LONGEST_TEXT, SHORTEST_TEXT
from dialects.admin.refuse import CONFLICTS
from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    maybe,
    query,
    ref,
    text,
    thing,
)
from helpdesk.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, TooWide

TAGS = {"People": "Requesters, found by name or address."}
_PEOPLE = next(iter(TAGS))

_FOUND: dict[str, Words] = {
    "id": integer(examples=[4]),
    "name": text(examples=["Ann Lee"]),
    "email": text("Empty if there is none.", examples=["ann@example.org"]),
    "organization": maybe(ref("Named")),
    "tickets": maybe(integer("How many tickets the key sees, at most 1,000.", examples=[3])),
}

SCHEMAS: Mapping[str, Words] = {
    "FoundPerson": thing(_FOUND),
    "Person": thing(
        {
            **_FOUND,
            "firstname": text(),
            "lastname": text(),
            "login": text(),
            "phone": text(),
            "mobile": text(),
            "notes": text(),
            "organizations": list_of(ref("Named"), "Those other than the first."),
            "active": boolean("Whether a key limited to this person works."),
            "vip": boolean(),
            "customer": boolean("Whether they can subscribe to services."),
            "services": list_of(ref("Named")),
            "created": maybe(TIME),
            "updated": maybe(TIME),
        }
    ),
    **bodies(models.partial(PersonBody)),
}

_ONE = by_id("The person.")
_UNKNOWN = (NotFound("person", 4),)

OPERATIONS = {
    "list_people": Operation(
        tag=_PEOPLE,
        parameters=(
            query(
                "q",
                text(
                    "Parts of a name, an address or a login.",
                    minLength=SHORTEST_TEXT,
                    maxLength=LONGEST_TEXT,
                ),
            ),
            *PAGES,
        ),
        answers=page_of(ref("FoundPerson")),
        refusals=(*OF_LISTS, Invalid(Problem("colour", "parameter")), TooWide()),
        description="Those whose name or address begins with `q` come first, then by name; without "
        "`q`, newest first.",
    ),
    "get_person": Operation(
        tag=_PEOPLE, parameters=(_ONE,), answers=answers(ref("Person")), refusals=_UNKNOWN
    ),
    "update_person": Operation(
        tag=_PEOPLE,
        parameters=(_ONE,),
        body={JSON: ref("PersonBodyChanges")},
        answers=answers(ref("Person")),
        refusals=(
            *_UNKNOWN,
            NotAllowed("can_manage_directory"),
            Conflict("email_taken", CONFLICTS["email_taken"]),
            *OF_BODIES,
            *OF_WRITES,
        ),
    ),
}
