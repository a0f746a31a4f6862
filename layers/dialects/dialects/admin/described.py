"""The OpenAPI description of the admin API, combined from its resources."""

from dialects.admin import describing
from dialects.admin.descriptions import (
    desk,
    keys,
    mail,
    numbers,
    operations,
    people,
    rows,
    tickets,
)
from dialects.describing import Family, Operation
from helpdesk.errors import Throttled, Unavailable

_NOUNS = (keys, rows, tickets, people, numbers, mail, operations, desk)

_TAGS: dict[str, str] = {}
_OPERATIONS: dict[str, Operation] = {}
for _noun in _NOUNS:
    _TAGS |= _noun.TAGS
    _OPERATIONS |= _noun.OPERATIONS

ADMIN = Family(
    api="AdminApi",
    folder="admin",
    title="Deskless: the admin family",
    description="Keys, settings, mail, and everything that tickets refer to, for the console and "
    "for scripts. Every request carries a key in `X-API-Key`. Responses must not be cached: "
    "each carries `Cache-Control: no-store`.",
    tags=_TAGS,
    operations=_OPERATIONS,
    schemas=describing.names(noun.SCHEMAS for noun in _NOUNS),
    refusals=(Throttled(), Unavailable(), Exception()),
    refused={frozenset({"error"}): "Refusal"},
    security={
        "key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A key; if the desk has a Cognito user pool, also the ID token of a "
            "user in one of its groups `key-N`, who acts as that key.",
        }
    },
)
