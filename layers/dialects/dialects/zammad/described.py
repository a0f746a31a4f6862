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
    describing.ARTICLES: "Articles of tickets, with files and raw mail.",
    describing.USERS: "People and agents.",
    describing.ORGANIZATIONS: "Organizations and their members.",
    describing.CATALOGUE: "Groups, roles, states, priorities, and custom fields.",
    describing.TAGS: "Tags of tickets, and the list of tags.",
    describing.RELATIONS: "Links, merges, mentions, booked time and the history of tickets.",
    describing.SEARCH: "Search with a query language and conditions.",
    describing.DESK: "Everything else.",
}

_DESK = {
    "get_version": Operation(
        tag=describing.DESK,
        answers=answers(thing({"version": text(const=version.VERSION)})),
        paths={
            "GET /api/v1/online_notifications": Operation(
                tag=describing.DESK,
                summary="List browser notifications",
                answers=answers(list_of({}, maxItems=0)),
                description="Always empty.",
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
        description="Also serves the page's files, this document among them.",
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
    "families. Parameters may be sent in the query string or in the JSON body; the body "
    "takes precedence. Every request carries a key in `Authorization`.",
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
        "bearer": {"type": "http", "scheme": "bearer", "description": "The key itself."},
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
