"""The OpenAPI description of the Zammad family, combined from its resources."""

from dialects.describing import (
    Family,
    Operation,
    Words,
    list_of,
    path,
    text,
    thing,
)
from dialects.endpoint import UnknownPath
from dialects.zammad import denied, describing, version
from dialects.zammad.accountings import described as accountings
from dialects.zammad.articles import described as articles
from dialects.zammad.catalogue import described as catalogue
from dialects.zammad.describing import JSON, answers
from dialects.zammad.history import described as history
from dialects.zammad.links import described as links
from dialects.zammad.mentions import described as mentions
from dialects.zammad.merges import described as merges
from dialects.zammad.organizations import described as organizations
from dialects.zammad.people import described as people
from dialects.zammad.search import described as search
from dialects.zammad.tags import described as tags
from dialects.zammad.tickets import described as tickets
from helpdesk.errors import Throttled, Unavailable

_RESOURCES = (
    tickets,
    articles,
    people,
    organizations,
    catalogue,
    tags,
    links,
    merges,
    mentions,
    accountings,
    history,
    search,
)

_TAGS = {
    describing.TICKETS: "Open, read, change and delete tickets.",
    describing.ARTICLES: "What was written on tickets, with files and raw mail.",
    describing.USERS: "People and agents.",
    describing.ORGANIZATIONS: "Organizations and who is in them.",
    describing.CATALOGUE: "Groups, roles, states, priorities, and an admin's own fields.",
    describing.TAGS: "Tags of tickets, and the list of tags.",
    describing.RELATIONS: "Links, merges, mentions, booked time and the history of tickets.",
    describing.SEARCH: "A query language, and conditions.",
    describing.DESK: "What there is beside all that.",
}

_DESK = {
    "get_version": Operation(
        tag=describing.DESK,
        answers=answers(thing({"version": text(const=version.VERSION)})),
        paths={
            "GET /api/v1/online_notifications": Operation(
                tag=describing.DESK,
                summary="List the notifications of the browser",
                answers=answers(list_of({}, maxItems=0)),
                description="There are none.",
            )
        },
    ),
    "explore": Operation(
        tag=describing.DESK,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {"text/html": text(), "text/css": text(), "text/javascript": text(), JSON: {}}
        },
        refusals=(UnknownPath(),),
        description="With the files that the page is made of, this document among them.",
    ),
}

_SCHEMAS: dict[str, Words] = dict(describing.SCHEMAS)
_OPERATIONS: dict[str, Operation] = {}
for _resource in _RESOURCES:
    _SCHEMAS |= _resource.SCHEMAS
    _OPERATIONS |= _resource.OPERATIONS
_SCHEMAS |= tickets.BODIES

ZAMMAD = Family(
    api="ZammadApi",
    folder="zammad",
    title="Deskless: the Zammad family",
    description="Zammad's REST API: the same tickets, people and organizations as in the other "
    "families. Query string and JSON body are one: what is said here of the one may stand in the "
    "other, where the body goes first. Every request carries a key in `Authorization`.",
    tags=_TAGS,
    operations={**_OPERATIONS, **_DESK},
    schemas=dict(sorted(_SCHEMAS.items())),
    refusals=(Throttled(), Unavailable(), Exception()),
    refused={
        frozenset({"error", "error_human"}): "Refusal",
        frozenset({"error"}): "Refusal",
        frozenset({"error", "error_human", "invalid_attribute"}): "Refusal",
    },
    security={
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token token=` and the key.",
        },
        "bearer": {"type": "http", "scheme": "bearer", "description": "The key as it is."},
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "The key as password, under any user name.",
        },
    },
    shared=describing.SHARED,
    denied=tuple(
        dict.fromkeys(
            denied.words(scheme, reason)
            for reason in ("unknown", "expired", "inactive")
            for scheme in ("token", "bearer", "basic")
        )
    ),
)
