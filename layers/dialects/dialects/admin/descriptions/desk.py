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

TAGS = {"Desk": "What there is beside all that."}
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
                    "name": maybe(text("Of the key.")),
                    "agent": maybe(text("Whom the key acts as.")),
                    "user": maybe(text("Who had signed in and acted as the key.")),
                }
            ),
            "changes": list_of(
                thing({"field": text(examples=["networks"]), "before": {}, "after": {}}),
                "Of long lists what has gone and what has come.",
            ),
        }
    )
}

_SCHEMA = {"type": "object", "description": "JSON Schema of a body."}
_REFERENCES = map_of(text(), "Which field names rows of which kind.")

OPERATIONS = {
    "console": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["app-0123456789abcdef.js"])),),
        answers={200: {"text/html": text(), "text/css": text(), "text/javascript": text()}},
        refusals=(UnknownPath(),),
        description=(
            "With the two files that the page loads. 304 where the browser has the page already; "
            "503 where its files were not built (docs/console.md)."
        ),
    ),
    "list_changes": Operation(
        tag=_DESK,
        parameters=(
            query("day", text("UTC; without it the newest.", examples=["2026-11-28"])),
            query("kind", text("What was changed.", examples=["keys"])),
            query("id", integer("Which one of the kind.", minimum=0)),
            query("key", integer("The key that has made the change.", minimum=1)),
            *PAGES,
        ),
        answers=page_of(ref("Change")),
        refusals=(
            *OF_LISTS,
            Invalid(Problem("colour", "parameter")),
            NotAllowed("can_manage_desk"),
        ),
        description="Newest first. Keys are shown to who may manage keys, rows and people to who "
        "may manage the directory, the rest to who may manage the desk. A page may be empty and "
        "not the last.",
    ),
    "get_me": Operation(
        tag=_DESK,
        answers=answers(
            thing(
                {
                    "key": ref("Key"),
                    "user": maybe(
                        text(
                            "Who has signed in and acts as the key.", examples=["ada@desk.example"]
                        )
                    ),
                    "desk": thing(
                        {
                            "title": text(examples=["Support"]),
                            "version": text(examples=["1.0.0"]),
                            "commit": text("Git's name of it.", examples=["0fb9a5fd1e2c"]),
                            "time_zone": text(examples=["UTC"]),
                        }
                    ),
                    "address": text("Where the request comes from.", examples=["203.0.113.7"]),
                    "limits": thing(
                        {"per_second": integer(examples=[10]), "burst": integer(examples=[20])},
                        description="How many requests one key may send.",
                    ),
                    "families": list_of(text(examples=["osticket"]), "Those that are served."),
                    "addresses": map_of(text(), "The base URL of each of them."),
                    "explorers": boolean("Whether each serves its explorer."),
                }
            )
        ),
        refusals=(NotFound("key"),),
    ),
    "get_schema": Operation(
        tag=_DESK,
        parameters=(header("If-None-Match", text("The ETag of an answer that is known.")),),
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
                                    "note": text("What its words do not say; may be empty."),
                                    "opens": map_of(
                                        list_of(text(examples=["GET /api/tickets-stats.php"])),
                                        "Calls, by API, such as `plugin`.",
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
                                    "unique": list_of(list_of(text()), "Fields, together."),
                                    "built_in": list_of(integer(), "Rows that must stay."),
                                    "fixed": list_of(text(), "What must stay of these."),
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
                        "templates": thing({"values": list_of(text(), "`%{...}` of mails.")}),
                        "errors": map_of(text(), "The words of codes."),
                    }
                )
            ),
            304: {},
        },
        description="It changes with the version only.",
    ),
    "explore": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {"text/html": text(), "text/css": text(), "text/javascript": text(), JSON: {}}
        },
        refusals=(UnknownPath(),),
        description="With the files that the page is made of, this document among them.",
    ),
}
