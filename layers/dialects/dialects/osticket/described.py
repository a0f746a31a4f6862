"""The osTicket family as its OpenAPI document describes it, put together from its three APIs."""

from dialects.describing import Family, Operation, Words, boolean, path, text, thing
from dialects.endpoint import UnknownPath
from dialects.osticket.core import described as core
from dialects.osticket.describing import DESK, HTML, JSON, SUBTICKETS, TICKETS, V1
from dialects.osticket.plugin import described as plugin
from dialects.osticket.v1 import described as v1
from helpdesk.errors import Throttled, Unavailable

TAGS = {
    TICKETS: "Open, read, search, change and delete tickets: osTicket's own API and the plugin's.",
    SUBTICKETS: "Link tickets as parent and child.",
    V1: "The community's v1: the same tickets in its shape.",
    DESK: "Everything other than tickets.",
}

_EXPLORER = {
    "explore": Operation(
        tag=DESK,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {HTML: text(), "text/css": text(), "text/javascript": text(), JSON: {}},
        },
        refusals=(UnknownPath(),),
        description="Also serves the page's files, this document among them.",
    ),
}

_SCHEMAS: dict[str, Words] = {
    **core.SCHEMAS,
    **plugin.SCHEMAS,
    **v1.SCHEMAS,
    "Refusal": thing({"error": boolean(const=True), "message": text()}),
    "V1Refusal": thing({"error": text()}),
}

OSTICKET = Family(
    api="OsticketApi",
    folder="osticket",
    title="Deskless: the osTicket family",
    description="osTicket's own API, the API Endpoints plugin's, and the community's v1: one "
    "ticket desk behind all of them. Every request carries a key in `X-API-Key`.",
    tags=TAGS,
    operations={
        **core.CREATES,
        **plugin.READING,
        **core.CRON,
        **plugin.LINKING,
        **v1.OPERATIONS,
        **_EXPLORER,
    },
    schemas=dict(sorted(_SCHEMAS.items())),
    refusals=(Throttled(), Unavailable(), Exception()),
    refused={frozenset({"error", "message"}): "Refusal", frozenset({"error"}): "V1Refusal"},
    security={"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
)
