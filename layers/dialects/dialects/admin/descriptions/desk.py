"""The desk itself: everything except keys, rows and mail."""

from collections.abc import Mapping

from dialects.admin.describing import JSON, OF_LISTS, PAGES, TIME, answers, page_of
from dialects.describing import (
    Operation,
    Words,
    boolean,
    header,
    integer,
    list_of,
    map_of,
    maybe,
    path,
    query,
    ref,
    text,
    thing,
)
from dialects.endpoint import UnknownPath
from helpdesk.errors import Invalid, NotAllowed, NotFound, Problem
from helpdesk.keys.permissions import PERMISSIONS

TAGS = {"Desk": "Everything else."}
_DESK = next(iter(TAGS))

SCHEMAS: Mapping[str, Words] = {
    "Change": thing(
        {
            "id": text(),
            "at": TIME,
            "kind": text(examples=["keys"]),
            "what": text(examples=["key_changed"]),
            "object": thing(
                {
                    "kind": text(examples=["keys"]),
                    "id": {"type": ["integer", "string", "null"]},
                    "name": maybe(text(examples=["Shop"])),
                }
            ),
            "by": thing(
                {
                    "key": maybe(integer("Null for the desk itself.")),
                    "name": maybe(text("Name of the key.")),
                    "agent": maybe(text("The agent that the key acts as.")),
                    "user": maybe(text("The signed-in user who acted as the key.")),
                }
            ),
            "changes": list_of(
                thing({"field": text(examples=["networks"]), "before": {}, "after": {}}),
                "For long lists, the removed and the added items.",
            ),
        }
    )
}

_SCHEMA = {"type": "object", "description": "JSON Schema of the request body."}
_REFERENCES = map_of(text(), "The kind of rows that each field refers to.")

OPERATIONS = {
    "console": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["app-0123456789abcdef.js"])),),
        answers={200: {"text/html": text(), "text/css": text(), "text/javascript": text()}},
        refusals=(UnknownPath(),),
        description=(
            "Also serves the two files that the page loads. 304 if the browser already has "
            "the page; 503 if its files were not built (docs/console.md)."
        ),
    ),
    "list_changes": Operation(
        tag=_DESK,
        parameters=(
            query("day", text("UTC; by default the newest changes.", examples=["2026-11-28"])),
            query("kind", text("The kind of what was changed.", examples=["keys"])),
            query("id", integer("Its id.", minimum=0)),
            query("key", integer("The key that made the change.", minimum=1)),
            *PAGES,
        ),
        answers=page_of(ref("Change")),
        refusals=(
            *OF_LISTS,
            Invalid(Problem("colour", "parameter")),
            NotAllowed("can_manage_desk"),
        ),
        description="Newest first. Changes to keys are shown to callers with `can_manage_keys`, "
        "those to rows and people with `can_manage_directory`, the rest with `can_manage_desk`. A "
        "page may be empty without being the last.",
    ),
    "get_me": Operation(
        tag=_DESK,
        answers=answers(
            thing(
                {
                    "key": ref("Key"),
                    "user": maybe(
                        text(
                            "The signed-in user who acts as the key.", examples=["ada@desk.example"]
                        )
                    ),
                    "desk": thing(
                        {
                            "title": text(examples=["Support"]),
                            "version": text(examples=["1.0.0"]),
                            "commit": text("The Git commit hash.", examples=["0fb9a5fd1e2c"]),
                            "time_zone": text(examples=["UTC"]),
                        }
                    ),
                    "address": text("The IP address of the caller.", examples=["203.0.113.7"]),
                    "limits": thing(
                        {"per_second": integer(examples=[10]), "burst": integer(examples=[20])},
                        description="Request limits per key.",
                    ),
                    "families": list_of(
                        text(examples=["osticket"]), "The API families that are deployed."
                    ),
                    "addresses": map_of(text(), "The base URL of each family."),
                    "explorers": boolean("Whether each family serves its API explorer."),
                }
            )
        ),
        refusals=(NotFound("key"),),
    ),
    "get_schema": Operation(
        tag=_DESK,
        parameters=(header("If-None-Match", text("The ETag of a cached response.")),),
        answers={
            **answers(
                thing(
                    {
                        "permissions": list_of(
                            thing(
                                {
                                    "name": text(enum=list(PERMISSIONS)),
                                    "words": text(examples=["Open tickets"]),
                                    "group": text(enum=["tickets", "desk"]),
                                    "note": text("Further notes; may be empty."),
                                    "opens": map_of(
                                        list_of(text(examples=["GET /api/tickets-stats.php"])),
                                        "The calls that it allows, by API, such as `plugin`.",
                                    ),
                                }
                            )
                        ),
                        "keys": thing({"schema": _SCHEMA, "references": _REFERENCES}),
                        "kinds": map_of(
                            thing(
                                {
                                    "schema": _SCHEMA,
                                    "references": _REFERENCES,
                                    "unique": list_of(
                                        list_of(text()), "Fields whose combination is unique."
                                    ),
                                    "built_in": list_of(
                                        integer(), "Built-in rows, which cannot be deleted."
                                    ),
                                    "fixed": list_of(
                                        text(), "Fields of built-in rows that cannot be changed."
                                    ),
                                    "sorted": boolean("Whether the rows have an order."),
                                }
                            )
                        ),
                        "settings": thing(
                            {
                                "schema": _SCHEMA,
                                "references": _REFERENCES,
                                "groups": list_of(
                                    thing(
                                        {
                                            "name": text(examples=["mail"]),
                                            "words": text(examples=["Mail"]),
                                            "settings": list_of(text()),
                                        }
                                    )
                                ),
                            }
                        ),
                        "templates": thing(
                            {"values": list_of(text(), "The `%{...}` variables of mails.")}
                        ),
                        "errors": map_of(text(), "The messages of error codes."),
                    }
                )
            ),
            304: {},
        },
        description="It changes only with the version.",
    ),
    "explore": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {"text/html": text(), "text/css": text(), "text/javascript": text(), JSON: {}}
        },
        refusals=(UnknownPath(),),
        description="Also serves the page's files, this document among them.",
    ),
}
