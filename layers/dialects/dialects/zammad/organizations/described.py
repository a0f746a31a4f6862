"""Organizations as the OpenAPI document describes them (docs/zammad.md 9.5)."""

from collections.abc import Mapping

from dialects.describing import Operation, Words, boolean, integer, list_of, ref, text, thing
from dialects.zammad.collection import DEFAULT_PAGE, LARGEST_PAGE
from dialects.zammad.describing import (
    EMPTY,
    JSON,
    MADE,
    MAKERS,
    OF_STAFF,
    OF_WRITES,
    ORGANIZATIONS,
    REFERENCE,
    SHAPES,
    SORTS,
    UNSORTED,
    answers,
    by_id,
    lists,
    one,
    pages,
    unnamed,
)
from dialects.zammad.organizations.read import (
    LONGEST_DOMAIN,
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_MEMBERS,
    MOST_NAMED,
    MOST_SORTED,
)
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk import people
from helpdesk.errors import Conflict, Invalid, NotFound, Problem

_PLAIN: dict[str, Words] = {
    "id": integer(examples=[1]),
    "name": text(examples=["Example Corp"]),
    "shared": boolean("Whether its members see each other's tickets."),
    "domain": text(examples=["example.org"]),
    "domain_assignment": boolean("Whether new people join it by the domain of their address."),
    "active": boolean(),
    "vip": boolean(),
    "note": text(),
    **MADE,
    "member_ids": list_of(integer(), "Members whose primary organization it is."),
    "secondary_member_ids": list_of(integer(), "Other members."),
}
WRITTEN = {
    "type": "object",
    "properties": {
        "name": text(maxLength=LONGEST_NAME, examples=["Example Corp"]),
        "shared": boolean(default=True),
        "domain": text(maxLength=LONGEST_DOMAIN, examples=["example.org"]),
        "domain_assignment": boolean(default=False),
        "active": boolean(default=True),
        "vip": boolean(default=False),
        "note": text(maxLength=LONGEST_NOTE),
        "members": list_of(
            text(),
            "Logins or addresses of all members whose primary organization it is.",
            maxItems=MOST_NAMED,
        ),
        "member_ids": list_of(REFERENCE, "Instead of `members`.", maxItems=MOST_MEMBERS),
    },
}

SCHEMAS: Mapping[str, Words] = {
    "ExpandedOrganization": thing(
        {
            **_PLAIN,
            "members": list_of(text(), "Logins."),
            "secondary_members": list_of(text(), "Logins."),
            **MAKERS,
        }
    ),
    "Organization": thing(_PLAIN),
    "OrganizationValues": WRITTEN,
}

_OF_VALUES = (
    OF_STAFF,
    Invalid(Problem("name", "required")),
    Invalid(Problem("name", "too_long", detail=str(LONGEST_NAME))),
    Conflict("name_taken"),
    *unnamed("members"),
    Refusal(422, "No value found for 'members' with id 99"),
    Refusal(422, f"Invalid value for field 'members': at most {MOST_NAMED} can be named."),
    Invalid(Problem("members", "too_many", detail=str(people.MOST_MOVED))),
    *OF_WRITES,
)
_MISSING = (NotFound("organization", 99999),)
_MEMBERS = f"At most {people.MOST_MOVED} members can be added or removed at once."

OPERATIONS = {
    "list_organizations": Operation(
        tag=ORGANIZATIONS,
        parameters=(*pages(DEFAULT_PAGE, LARGEST_PAGE), *SORTS, *SHAPES),
        answers=lists("Organization", "ExpandedOrganization"),
        refusals=(
            *UNSORTED,
            Refusal(422, f"More than {MOST_SORTED} organizations cannot be sorted so."),
        ),
        description="For a customer, their own.",
    ),
    "create_organization": Operation(
        tag=ORGANIZATIONS,
        parameters=SHAPES,
        body={JSON: ref("OrganizationValues")},
        answers=one("Organization", "ExpandedOrganization", 201),
        refusals=_OF_VALUES,
        description=_MEMBERS,
    ),
    "get_organization": Operation(
        tag=ORGANIZATIONS,
        parameters=(by_id("The organization."), *SHAPES),
        answers=answers(ref("Organization"), ref("ExpandedOrganization"), ref("Record"), EMPTY),
        refusals=(*_MISSING, NotAccessible()),
        description="An empty object for a customer without an organization.",
    ),
    "update_organization": Operation(
        tag=ORGANIZATIONS,
        parameters=(by_id("The organization."), *SHAPES),
        body={JSON: ref("OrganizationValues")},
        answers=one("Organization", "ExpandedOrganization"),
        refusals=(*_MISSING, *_OF_VALUES),
        description=_MEMBERS,
    ),
    "delete_organization": Operation(
        tag=ORGANIZATIONS,
        parameters=(by_id("The organization."),),
        answers=answers(EMPTY),
        refusals=(*_MISSING, OF_STAFF, Conflict("in_use"), *OF_WRITES),
    ),
}
