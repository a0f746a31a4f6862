"""Groups, roles, states, priorities and custom fields as the OpenAPI document describes them
(docs/zammad.md 9.1 to 9.3 and 17.23).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    map_of,
    maybe,
    ref,
    text,
    thing,
)
from dialects.zammad.catalogue.read import HIGHEST_COUNT, LONGEST_NAME, LONGEST_NOTE
from dialects.zammad.catalogue.show import OF_CUSTOMERS
from dialects.zammad.collection import DEFAULT_PAGE, LARGEST_PAGE
from dialects.zammad.describing import (
    CATALOGUE,
    EMPTY,
    JSON,
    MADE,
    MAKERS,
    OF_STAFF,
    OF_WRITES,
    PREFERENCES,
    REFERENCE,
    SHAPES,
    SORTS,
    UNSORTED,
    answers,
    by_id,
    documents,
    lists,
    one,
    pages,
    unidentified,
    unnamed,
)
from dialects.zammad.refuse import Refusal
from helpdesk.errors import Conflict, Invalid, NotFound, Problem

# --- responses ------------------------------------------------------------------------------

_FOLLOW_UPS = ["yes", "new_ticket", "new_ticket_after_certain_time"]

GROUP: dict[str, Words] = {
    "id": integer(examples=[1]),
    "signature_id": maybe(integer()),
    "email_address_id": maybe(integer()),
    "name": text("Full name, `Parent::Child`.", examples=["Users"]),
    "name_last": text("Without its parents' names.", examples=["Users"]),
    "parent_id": maybe(integer()),
    "assignment_timeout": maybe(integer()),
    "follow_up_possible": text(enum=_FOLLOW_UPS),
    "reopen_time_in_days": maybe(integer()),
    "follow_up_assignment": boolean(),
    "active": boolean(),
    "shared_drafts": boolean(),
    "note": text(),
    **MADE,
    "user_ids": list_of(integer(), "The agents who work in it."),
}
ROLE: dict[str, Words] = {
    "id": integer(examples=[2]),
    "name": text(examples=["Agent"]),
    "preferences": PREFERENCES,
    "default_at_signup": boolean(),
    "active": boolean(),
    "note": text(),
    **MADE,
    "permission_ids": list_of(integer()),
    "knowledge_base_permission_ids": list_of(integer()),
    "group_ids": map_of(list_of(text())),
}
STATE: dict[str, Words] = {
    "id": integer(examples=[2]),
    "state_type_id": integer(examples=[2]),
    "name": text(examples=["open"]),
    "next_state_id": maybe(integer()),
    "ignore_escalation": boolean(),
    "default_create": boolean(),
    "default_follow_up": boolean(),
    "default_close": boolean(),
    "note": text(),
    "active": boolean(),
    **MADE,
}
PRIORITY: dict[str, Words] = {
    "id": integer(examples=[2]),
    "name": text(examples=["2 normal"]),
    "default_create": boolean(),
    "ui_icon": maybe(text()),
    "ui_color": maybe(text()),
    "note": text(),
    "active": boolean(),
    **MADE,
}
ATTRIBUTE = thing(
    {
        "id": integer(examples=[1]),
        "object": text(enum=["Ticket", "User"]),
        "name": text(examples=["room"]),
        "display": text(examples=["Room"]),
        "data_type": text(examples=["input"]),
        "data_option": {"type": "object"},
        "editable": boolean(),
        "active": boolean(),
        "position": integer(),
        "screens": {"type": "object"},
        "to_create": boolean(),
        "to_migrate": boolean(),
        "to_delete": boolean(),
        "to_config": boolean(),
        **MADE,
    }
)

# --- requests -------------------------------------------------------------------------------

_NAME = text(maxLength=LONGEST_NAME, examples=["Billing"])
GROUP_VALUES = {
    "type": "object",
    "properties": {
        "name": {**_NAME, "description": "`Parent::Child` for a nested group."},
        "parent_id": {"type": ["integer", "string", "null"]},
        "active": boolean(default=True),
        "follow_up_assignment": boolean(default=True),
        "follow_up_possible": text(default="yes", enum=_FOLLOW_UPS),
        "reopen_time_in_days": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": HIGHEST_COUNT,
        },
        "assignment_timeout": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": HIGHEST_COUNT,
        },
        "note": text(maxLength=LONGEST_NOTE),
    },
}
STATE_VALUES = {
    "type": "object",
    "properties": {
        "name": _NAME,
        "state_type_id": {**REFERENCE, "description": "2 is open, 5 closed.", "examples": [2]},
        "state_type": text("Instead of `state_type_id`.", enum=["open", "closed"]),
        "active": boolean("Only true."),
    },
}
PRIORITY_VALUES = {
    "type": "object",
    "properties": {"name": _NAME, "active": boolean("Only true.")},
}

SCHEMAS: Mapping[str, Words] = {
    "ExpandedGroup": thing({**GROUP, "users": list_of(text(), "Logins."), **MAKERS}),
    "ExpandedPriority": thing({**PRIORITY, **MAKERS}),
    "ExpandedRole": thing(
        {
            **ROLE,
            "permissions": list_of(text(), "As in stock Zammad."),
            "knowledge_base_permissions": list_of(text()),
            "groups": map_of(list_of(text())),
            **MAKERS,
        }
    ),
    "ExpandedState": thing(
        {**STATE, "state_type": text(examples=["open"]), "next_state": text(), **MAKERS},
        "next_state",
    ),
    "Group": thing(GROUP),
    "GroupOfCustomer": thing(
        {name: GROUP[name] for name in OF_CUSTOMERS}, description="A group as seen by a customer."
    ),
    "GroupValues": GROUP_VALUES,
    "ObjectAttribute": ATTRIBUTE,
    "Priority": thing(PRIORITY),
    "PriorityValues": PRIORITY_VALUES,
    "Role": thing(ROLE),
    "State": thing(STATE),
    "StateValues": STATE_VALUES,
}

# --- operations -----------------------------------------------------------------------------

_BUILT_IN = Refusal(422, "This is built in and cannot be changed.")
_NAMED = (
    Invalid(Problem("name", "required")),
    Invalid(Problem("name", "too_long", detail=str(LONGEST_NAME))),
    Conflict("name_taken"),
)
_STAFF = ("can_manage_directory",)


@dataclass(frozen=True)
class _Kind:
    """One of the resources that share one function per method (docs/decisions/0020)."""

    path: str
    schema: str
    what: str
    many: str
    example: Mapping[str, object]
    change: Mapping[str, object]
    refusals: tuple[Exception, ...]
    permissions: tuple[str, ...] = ()
    changes: tuple[Exception, ...] = ()

    @property
    def missing(self) -> NotFound:
        """The refusal for an unknown id."""
        return NotFound(self.what, 99999)


_KINDS = (
    _Kind(
        "groups",
        "Group",
        "Group",
        "groups",
        {"name": "Billing"},
        {"note": "Invoices."},
        (
            *_NAMED,
            *unnamed("parent"),
            *unidentified("parent_id"),
            Refusal(422, "Invalid value 'no' for field 'follow_up_possible'!"),
        ),
        permissions=_STAFF,
        changes=(Refusal(422, "Invalid value 'Help' for field 'name'!"),),
    ),
    _Kind(
        "ticket_states",
        "State",
        "Ticket::State",
        "states",
        {"name": "waiting", "state_type_id": 2},
        {"name": "on hold"},
        (
            *_NAMED,
            Invalid(Problem("state_type_id", "required")),
            *unnamed("state_type"),
            *unidentified("state_type_id"),
            Refusal(422, "Invalid value 'false' for field 'active'!"),
        ),
        changes=(_BUILT_IN,),
    ),
    _Kind(
        "ticket_priorities",
        "Priority",
        "Ticket::Priority",
        "priorities",
        {"name": "4 later"},
        {"name": "5 lowest"},
        (*_NAMED, Refusal(422, "Invalid value 'false' for field 'active'!")),
        changes=(_BUILT_IN,),
    ),
)
_ROLES = _Kind("roles", "Role", "Role", "roles", {}, {}, (), permissions=_STAFF)
_NO_ROLES = Refusal(422, "Roles are built in and cannot be changed.")


def _list(kind: _Kind) -> Operation:
    return Operation(
        tag=CATALOGUE,
        summary=f"List {kind.many}",
        parameters=(*pages(DEFAULT_PAGE, LARGEST_PAGE), *SORTS, *SHAPES),
        answers=lists(kind.schema, f"Expanded{kind.schema}"),
        refusals=(*UNSORTED, *((OF_STAFF,) if kind.permissions else ())),
        permissions=kind.permissions,
    )


def _get(kind: _Kind) -> Operation:
    return replace(
        _list(kind),
        summary=f"Show one of the {kind.many}",
        parameters=(by_id("The row."), *SHAPES),
        answers=one(kind.schema, f"Expanded{kind.schema}"),
        refusals=(kind.missing, *((OF_STAFF,) if kind.permissions else ())),
    )


def _create(kind: _Kind) -> Operation:
    return Operation(
        tag=CATALOGUE,
        summary=f"Add one to the {kind.many}",
        parameters=SHAPES,
        body={JSON: ref(f"{kind.schema}Values")},
        answers=one(kind.schema, f"Expanded{kind.schema}", 201),
        refusals=(OF_STAFF, *kind.refusals, *OF_WRITES),
        example=kind.example,
    )


def _update(kind: _Kind) -> Operation:
    return replace(
        _create(kind),
        summary=f"Change one of the {kind.many}",
        parameters=(by_id("The row."), *SHAPES),
        answers=one(kind.schema, f"Expanded{kind.schema}"),
        refusals=(OF_STAFF, kind.missing, *kind.refusals, *kind.changes, *OF_WRITES),
        example=kind.change,
    )


def _delete(kind: _Kind) -> Operation:
    return Operation(
        tag=CATALOGUE,
        summary=f"Remove one of the {kind.many}",
        parameters=(by_id("The row."),),
        answers=answers(EMPTY),
        refusals=(OF_STAFF, kind.missing, *kind.changes, Conflict("in_use"), *OF_WRITES),
    )


def _no_role(verb: str, summary: str) -> Operation:
    """An operation whose response is that roles cannot be changed."""
    return Operation(
        tag=CATALOGUE,
        summary=summary,
        parameters=() if verb == "POST" else (by_id("The role."),),
        answers={},
        refusals=(OF_STAFF, _NO_ROLES),
        description="Permissions belong to keys, not to roles.",
    )


def _paths(verb: str, make: Mapping[str, Operation]) -> dict[str, Operation]:
    tail = "" if verb in {"LIST", "POST"} else "/{id}"
    method = "GET" if verb == "LIST" else verb
    return {f"{method} /api/v1/{name}{tail}": made for name, made in make.items()}


OPERATIONS = {
    "list_rows": replace(
        _list(_KINDS[0]),
        paths=_paths("LIST", {kind.path: _list(kind) for kind in (*_KINDS, _ROLES)}),
    ),
    "create_row": replace(
        _create(_KINDS[0]),
        paths=_paths(
            "POST",
            {kind.path: _create(kind) for kind in _KINDS}
            | {"roles": _no_role("POST", "Refuse to add a role")},
        ),
    ),
    "get_row": replace(
        _get(_KINDS[0]),
        paths=_paths("GET", {kind.path: _get(kind) for kind in (*_KINDS, _ROLES)}),
    ),
    "update_row": replace(
        _update(_KINDS[0]),
        paths=_paths(
            "PUT",
            {kind.path: _update(kind) for kind in _KINDS}
            | {"roles": _no_role("PUT", "Refuse to change a role")},
        ),
    ),
    "delete_row": replace(
        _delete(_KINDS[0]),
        paths=_paths(
            "DELETE",
            {kind.path: _delete(kind) for kind in _KINDS}
            | {"roles": _no_role("DELETE", "Refuse to remove a role")},
        ),
    ),
    "list_attributes": Operation(
        tag=CATALOGUE,
        answers=documents(list_of(ref("ObjectAttribute"))),
        refusals=(OF_STAFF,),
        description="For tickets and users.",
    ),
}
