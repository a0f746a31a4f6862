"""Parts shared by the descriptions of all nouns, for the OpenAPI document and for `GET
/api/admin/schema`: schemas generated from the models, pages, answers and refusals.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from dialects.admin.read import MOST_ITEMS
from dialects.admin.refuse import Unreadable
from dialects.describing import (
    Words,
    header,
    integer,
    list_of,
    maybe,
    path,
    query,
    ref,
    text,
    thing,
)
from helpdesk.errors import ChangedUnderYou, Conflict, Invalid, Problem, TooLarge

JSON = "application/json"

TIME: dict[str, Any] = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$",
    "description": "UTC.",
    "examples": ["2026-11-08T10:30:00Z"],
}


# --- schemas --------------------------------------------------------------------------------


class _Plain(GenerateJsonSchema):
    """pydantic's schemas, without titles that only repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - of no field
        return False


def bodies(*models: type[BaseModel]) -> dict[str, Words]:
    """Schemas of bodies by the names of their models, with all that these refer to."""
    both: list[tuple[type[BaseModel], JsonSchemaMode]] = [(one, "validation") for one in models]
    _, made = models_json_schema(
        both, ref_template="#/components/schemas/{model}", schema_generator=_Plain
    )
    found = {name: _tidy(schema) for name, schema in made["$defs"].items()}
    for model in models:
        if all(field.default is None for field in model.model_fields.values()):
            # Fields missing in a change stay as they are.
            for field in found[model.__name__]["properties"].values():
                field.pop("default", None)
    return found


def standalone(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a body by itself."""
    made = model.model_json_schema(schema_generator=_Plain)
    parts = {f"#/$defs/{name}": part for name, part in made.pop("$defs", {}).items()}
    found: dict[str, Any] = _tidy(made, parts)
    return found


def record(kind: type, **others: Words) -> dict[str, Any]:
    """The schema of a record as the desk's dataclass has it: every field is always there."""
    made = TypeAdapter(kind).json_schema(schema_generator=_Plain)
    parts = {f"#/$defs/{name}": part for name, part in made.pop("$defs", {}).items()}
    found: dict[str, Any] = _tidy(made, parts)
    found["properties"] |= others
    return _whole(found)


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "required": list(schema["properties"]), "additionalProperties": False}


def _tidy(part: Any, parts: Mapping[str, Any] | None = None) -> Any:
    """A schema with references to `parts` replaced by these, and tuples as lists."""
    if isinstance(part, list):
        return [_tidy(one, parts) for one in part]
    if not isinstance(part, dict):
        return part
    if parts and part.get("$ref") in parts:
        return _tidy(parts[part["$ref"]], parts)
    tidy = {name: _tidy(one, parts) for name, one in part.items()}
    if "prefixItems" in tidy:
        tidy["items"] = tidy.pop("prefixItems")[0]
    return tidy


_NAMED = {"id": integer(examples=[10]), "name": text(examples=["Maintenance"])}
USES = thing(
    {
        "items": list_of(thing({"kind": text(examples=["topics"]), **_NAMED})),
        "settings": list_of(text(examples=["default_dept_id"])),
        "keys": list_of(
            thing({"id": integer(), "name": maybe(text("Null without can_manage_keys."))})
        ),
        "people": integer(),
        "tickets": maybe(integer("Null if tickets were not checked; at most 1000 are counted.")),
    }
)
REFUSAL = thing(
    {
        "error": thing(
            {
                "code": text("For programs.", examples=["invalid"]),
                "message": text("For people.", examples=["name is required"]),
                "field": maybe(
                    text("The field of the body, the query parameter or the header at fault.")
                ),
                "used_by": ref("Uses"),
            },
            "used_by",
        )
    }
)

SCHEMAS: Mapping[str, Words] = {"Refusal": REFUSAL, "Uses": USES}


# --- parameters -----------------------------------------------------------------------------

LIMIT = query("limit", integer("Items per page.", minimum=1, maximum=MOST_ITEMS, default=100))
NEXT = query("next", text("The `next` of the previous page."))
PAGES = (LIMIT, NEXT)
"""The requested part of a list."""


IF_MATCH = header(
    "If-Match", text("The expected ETag; if the current one differs, nothing is changed.")
)


def by_id(description: str) -> Words:
    """The id in a path."""
    return path("id", integer(description, minimum=1, examples=[1]))


# --- answers --------------------------------------------------------------------------------


def answers(schema: Words, status: int = 200) -> dict[int, dict[str, Words]]:
    """An answer in JSON."""
    return {status: {JSON: schema}}


def documents(schema: Words) -> dict[int, dict[str, Words]]:
    """An answer that may be too large to be sent: then it is a redirect to the same content."""
    return {**answers(schema), 302: {}}


def page_of(schema: Words, **others: Words) -> dict[int, dict[str, Words]]:
    """A page of a list."""
    following = maybe(text("The cursor of the next page, for `next=`; null on the last page."))
    return answers(thing({"items": list_of(schema), "next": following, **others}))


DELETED = thing({"id": integer(examples=[1]), "deleted": {"type": "boolean", "const": True}})


# --- refusals -------------------------------------------------------------------------------

OF_LISTS = (Invalid(Problem("limit", "page_size", detail=f"must be from 1 to {MOST_ITEMS}")),)
"""The refusals of every list."""

OF_BODIES = (
    Unreadable("EOF while parsing an object at line 1 column 9"),
    Invalid(Problem("colour", "extra", label="colour", detail="is not a known field")),
    TooLarge("item", 0),
)
"""The refusals of every body."""

CHANGED = (Conflict("changed"),)
"""The refusals of every change with If-Match."""

OF_WRITES = (ChangedUnderYou(),)
"""The refusals of every write."""


def names(resources: Iterable[Mapping[str, Words]]) -> dict[str, Words]:
    """The schemas of several nouns, by name."""
    found: dict[str, Words] = dict(SCHEMAS)
    for schemas in resources:
        found |= schemas
    return dict(sorted(found.items()))
