"""Users as the OpenAPI document describes them (docs/zammad.md 9.4)."""

from collections.abc import Mapping

from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    map_of,
    maybe,
    path,
    ref,
    text,
    thing,
)
from dialects.zammad.describing import (
    EMPTY,
    JSON,
    MADE,
    MAKERS,
    OF_STAFF,
    OF_WRITES,
    PREFERENCES,
    REFERENCE,
    SHAPES,
    USERS,
    answers,
    by_id,
    documents,
    one,
    pages,
    unidentified,
    unnamed,
)
from dialects.zammad.people.read import DEFAULT_PAGE, LARGEST_PAGE
from dialects.zammad.people.show import TEXTS
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk import people
from helpdesk.errors import Conflict, Invalid, NotFound, Problem

# --- responses ------------------------------------------------------------------------------

_ACCESS = map_of(list_of(text(examples=["full"])), "Access by group.")

_PLAIN: dict[str, Words] = {
    "id": integer(examples=[3]),
    "organization_id": maybe(integer()),
    "login": text(examples=["ada@example.org"]),
    "firstname": text(examples=["Ada"]),
    "lastname": text(examples=["Lovelace"]),
    "email": text(examples=["ada@example.org"]),
    "image": maybe(text()),
    "image_source": maybe(text()),
    **{name: text() for name in TEXTS},
    "vip": boolean(),
    "verified": boolean(),
    "active": boolean(),
    "note": text("Shown to agents only."),
    "last_login": maybe(text()),
    "source": maybe(text()),
    "login_failed": integer(),
    "out_of_office": boolean(),
    "out_of_office_start_at": maybe(text()),
    "out_of_office_end_at": maybe(text()),
    "out_of_office_replacement_id": maybe(integer()),
    "preferences": PREFERENCES,
    **MADE,
    "role_ids": list_of(integer(), "1 is Admin, 2 Agent, 3 Customer."),
    "two_factor_preference_ids": list_of(integer()),
    "organization_ids": list_of(integer(), "Secondary organizations."),
    "authorization_ids": list_of(integer()),
    "overview_sorting_ids": list_of(integer()),
    "group_ids": _ACCESS,
}
_NAMES: dict[str, Words] = {
    "roles": list_of(text()),
    "groups": _ACCESS,
    "organizations": list_of(text()),
    **MAKERS,
    "organization": text(),
}
_OWN = "Custom fields appear beside these."
COLLEAGUE = thing(
    {
        "id": integer(examples=[3]),
        "firstname": text(examples=["Ada"]),
        "lastname": text(examples=["Lovelace"]),
        "image": maybe(text()),
        "active": boolean(),
    },
    description="A customer as seen by another customer.",
)

# --- requests -------------------------------------------------------------------------------

_LINES = ("login", "firstname", "lastname", "email", *TEXTS)
_EXAMPLES = {"firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.org"}

WRITTEN = {
    "type": "object",
    "properties": {
        **{
            name: text(
                maxLength=people.LONGEST[name],
                examples=[_EXAMPLES.get(name, "")],
            )
            for name in _LINES
        },
        "note": text("Shown to agents only."),
        "vip": boolean(),
        "active": boolean(),
        "preferences": PREFERENCES,
        "organization": text("By name."),
        "organization_id": {**REFERENCE, "description": "Instead of `organization`."},
        "organizations": list_of(text(), "Secondary organizations, by name."),
        "organization_ids": list_of(REFERENCE, "Instead of `organizations`."),
        "roles": list_of(
            text(),
            "By name, `Agent` or `Customer`. Roles and groups need `can_manage_directory` and are "
            "dropped without it.",
        ),
        "role_ids": list_of(REFERENCE, "Instead of `roles`."),
        "groups": map_of({}, "An agent's groups by name; none means all groups."),
        "group_ids": map_of({}, "Instead of `groups`, by id.", examples=[{"1": ["full"]}]),
    },
    "additionalProperties": {"description": "A value for the custom field of this name."},
}

SCHEMAS: Mapping[str, Words] = {
    "Colleague": COLLEAGUE,
    "ExpandedUser": thing(
        {**_PLAIN, **_NAMES}, "organization", additionalProperties=True, description=_OWN
    ),
    "User": thing(_PLAIN, additionalProperties=True, description=_OWN),
    "UserValues": WRITTEN,
}

# --- operations -----------------------------------------------------------------------------

_SHOWN = (ref("User"), ref("ExpandedUser"), ref("Record"), ref("Colleague"))
_OF_VALUES = (
    OF_STAFF,
    Invalid(Problem("email", "email", detail="ada")),
    Invalid(Problem("firstname", "too_long", detail=str(people.LONGEST["firstname"]))),
    Conflict("email_taken", "ada@example.org"),
    *unnamed("organization", "organizations", "roles", "groups"),
    *unidentified("organization_id"),
    *(
        Refusal(422, f"No value found for '{name}' with id 99")
        for name in ("organizations", "roles", "groups")
    ),
    *OF_WRITES,
)
_BUILT_IN = "Users 1 (nobody) and 2 (the desk itself) cannot be changed or deleted."

OPERATIONS = {
    "get_me": Operation(
        tag=USERS,
        parameters=SHAPES,
        answers=one("User", "ExpandedUser"),
        description="The agent or customer that the key acts as, else the desk itself, user 2.",
    ),
    "list_users": Operation(
        tag=USERS,
        parameters=(*pages(DEFAULT_PAGE, LARGEST_PAGE), *SHAPES),
        answers=documents(
            list_of(ref("User")),
            list_of(ref("ExpandedUser")),
            ref("Records"),
        ),
    ),
    "create_user": Operation(
        tag=USERS,
        parameters=SHAPES,
        body={JSON: ref("UserValues")},
        answers=one("User", "ExpandedUser", 201),
        refusals=(
            *_OF_VALUES,
            Invalid(Problem("identifier", "required")),
            Conflict("login_taken"),
        ),
        description="A person without `email` and `login` gets a generated login.",
    ),
    "get_user": Operation(
        tag=USERS,
        parameters=(by_id("The user."), *SHAPES),
        answers=answers(*_SHOWN),
        refusals=(NotFound("user", 99999), NotAccessible()),
    ),
    "update_user": Operation(
        tag=USERS,
        parameters=(by_id("The user."), *SHAPES),
        body={JSON: ref("UserValues")},
        answers=one("User", "ExpandedUser"),
        refusals=(
            NotFound("user", 99999),
            NotAccessible(),
            *_OF_VALUES,
            Refusal(422, "A customer cannot become an agent, nor an agent a customer."),
        ),
        description=f"Changing agents needs `can_manage_directory`. {_BUILT_IN}",
    ),
    "delete_user": Operation(
        tag=USERS,
        parameters=(by_id("The user."),),
        answers=answers(EMPTY),
        refusals=(
            OF_STAFF,
            NotFound("user", 99999),
            NotAccessible(),
            Conflict("in_use"),
            *OF_WRITES,
        ),
        description=f"Users with tickets or a key cannot be deleted. {_BUILT_IN}",
    ),
    "get_user_image": Operation(
        tag=USERS,
        parameters=(path("hash", text("The hash of any picture.", examples=["0"])),),
        answers={200: {"image/gif": {}}},
        description="One transparent pixel: the desk keeps no pictures.",
    ),
}
