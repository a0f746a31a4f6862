"""Articles as the OpenAPI document describes them (docs/zammad.md 8)."""

from collections.abc import Mapping

from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    maybe,
    query,
    ref,
    text,
    thing,
)
from dialects.zammad import names
from dialects.zammad.articles.read import LONGEST_BODY
from dialects.zammad.collection import DEFAULT_PAGE, LARGEST_PAGE
from dialects.zammad.describing import (
    ARTICLES,
    DECIMAL,
    EMPTY,
    FULL,
    JSON,
    MADE,
    MAKERS,
    NO_TICKET,
    OF_STAFF,
    OF_WRITES,
    PREFERENCES,
    REFERENCE,
    SORTS,
    UNSORTED,
    answers,
    by_id,
    documents,
    pages,
    unidentified,
    unnamed,
)
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk.errors import Conflict, Invalid, NotFound, Problem, TooWide

_TYPES = list(names.TYPES)
_SENDERS = [name for _, name in names.SENDERS.values()]

# --- responses ------------------------------------------------------------------------------

ATTACHMENT = thing(
    {
        "id": integer(examples=[17]),
        "filename": text(examples=["file.txt"]),
        "size": text("In bytes, as text.", examples=["19"]),
        "preferences": {
            "type": "object",
            "additionalProperties": text(),
            "examples": [{"Mime-Type": "text/plain"}],
        },
    }
)
ARTICLE = thing(
    {
        "id": integer(examples=[6]),
        "ticket_id": integer(examples=[5]),
        "type_id": integer(examples=[10]),
        "sender_id": integer(examples=[1]),
        "from": text(examples=["Ann Agent"]),
        "to": maybe(text()),
        "cc": maybe(text()),
        "subject": maybe(text(examples=["some subject"])),
        "reply_to": maybe(text()),
        "message_id": maybe(text()),
        "message_id_md5": maybe(text()),
        "in_reply_to": maybe(text()),
        "content_type": text(enum=["text/html", "text/plain"]),
        "references": maybe(text()),
        "body": text("HTML is sanitized.", examples=["some message"]),
        "internal": boolean("Whether only staff see it."),
        "preferences": PREFERENCES,
        **MADE,
        "origin_by_id": maybe(integer("On whose behalf it was written.")),
        "attachments": list_of(ref("Attachment")),
        "type": text(enum=_TYPES),
        "sender": text(enum=_SENDERS),
        **MAKERS,
        "time_unit": maybe(DECIMAL),
        "origin_by": text("Login."),
    },
    "origin_by",
)

# --- requests -------------------------------------------------------------------------------

ATTACHED = {
    "type": "object",
    "required": ["filename", "data", "mime-type"],
    "properties": {
        "filename": text(examples=["file.txt"]),
        "data": text(contentEncoding="base64", examples=["Y29udGVudA=="]),
        "mime-type": text(examples=["text/plain"]),
    },
}
_ADDRESSES = {
    "type": ["string", "array"],
    "items": text(),
    "description": "Comma-separated addresses, or a list.",
    "examples": ["jane@example.com"],
}
_WRITTEN: Mapping[str, Words] = {
    "body": text(maxLength=LONGEST_BODY, examples=["some message"]),
    "content_type": text(default="text/plain", enum=["text/plain", "text/html"]),
    "type": text(
        "An agent's `email` is sent to `to` and `cc`, by default to the customer.",
        default="note",
        enum=_TYPES,
    ),
    "type_id": {**REFERENCE, "description": "Instead of `type`.", "examples": [10]},
    "sender": text(default="Agent", enum=_SENDERS),
    "sender_id": {**REFERENCE, "description": "Instead of `sender`.", "examples": [2]},
    "internal": boolean("Whether only staff see it.", default=False),
    "subject": text(examples=["some subject"]),
    "from": text(),
    "to": _ADDRESSES,
    "cc": _ADDRESSES,
    "reply_to": text(),
    "message_id": text(),
    "in_reply_to": text(),
    "references": text(),
    "origin_by": text("Login or address of the person on whose behalf it is written."),
    "origin_by_id": {**REFERENCE, "description": "Instead of `origin_by`.", "examples": [7]},
    "preferences": PREFERENCES,
    "attachments": list_of(ref("NewAttachment"), "At most 60 files, by default of 10 MB each."),
    "time_unit": {
        "type": ["number", "string"],
        "description": "Time to book on the ticket.",
        "examples": ["15"],
    },
}
NEW_ARTICLE = {"type": "object", "required": ["body"], "properties": _WRITTEN}
NEW_ARTICLE_OF_TICKET = {
    "type": "object",
    "required": ["ticket_id", "body"],
    "properties": {"ticket_id": {**REFERENCE, "examples": [1]}, **_WRITTEN},
}
CHANGE = {
    "type": "object",
    "properties": {
        "internal": boolean("Whether only staff see it."),
        "preferences": thing({"highlight": text()}, "highlight", additionalProperties=True),
    },
    "description": "Other fields of an article stay as they are.",
}

SCHEMAS: Mapping[str, Words] = {
    "Article": ARTICLE,
    "ArticleChange": CHANGE,
    "Attachment": ATTACHMENT,
    "NewArticle": NEW_ARTICLE,
    "NewArticleOfTicket": NEW_ARTICLE_OF_TICKET,
    "NewAttachment": ATTACHED,
}

# --- operations -----------------------------------------------------------------------------

NO_ARTICLE = (NotFound("article", 99999), NotAccessible())

OF_ARTICLES = (
    Refusal(422, "Need at least an 'article body' field."),
    Refusal(422, f"body of article is too large, 1500001 chars - only {LONGEST_BODY} allowed"),
    *unnamed("type", "sender", "origin_by"),
    *unidentified("type_id", "sender_id", "origin_by_id"),
    Refusal(422, "Attachment needs 'mime-type' param for attachment with index '0'"),
    Refusal(422, "Invalid base64 for attachment with index '0'"),
    Invalid(Problem("attachments", "file_too_large", label="file.txt", detail="10485760")),
    Invalid(Problem("time_unit", "number")),
    Invalid(Problem("mail_to", "required")),
)
"""The errors for an article, also as part of a ticket."""

OPERATIONS = {
    "list_articles": Operation(
        tag=ARTICLES,
        parameters=(by_id("The ticket."), FULL),
        answers=documents(list_of(ref("Article")), ref("Records")),
        refusals=NO_TICKET,
    ),
    "list_all_articles": Operation(
        tag=ARTICLES,
        parameters=(*pages(DEFAULT_PAGE, LARGEST_PAGE), *SORTS, FULL),
        answers=documents(list_of(ref("Article")), ref("Records")),
        refusals=(OF_STAFF, *UNSORTED, TooWide()),
        description="Sorted by `id` or `created_at`. Also needs `can_delete_tickets`.",
    ),
    "create_article": Operation(
        tag=ARTICLES,
        body={JSON: ref("NewArticleOfTicket")},
        answers=documents(ref("Article"), status=201),
        refusals=(*NO_TICKET, *OF_ARTICLES, Conflict("follow_up"), *OF_WRITES),
    ),
    "get_article": Operation(
        tag=ARTICLES,
        parameters=(by_id("The article."),),
        answers=documents(ref("Article")),
        refusals=NO_ARTICLE,
    ),
    "update_article": Operation(
        tag=ARTICLES,
        parameters=(by_id("The article."),),
        body={JSON: ref("ArticleChange")},
        answers=documents(ref("Article")),
        refusals=(*NO_ARTICLE, *OF_WRITES),
    ),
    "delete_article": Operation(
        tag=ARTICLES,
        parameters=(by_id("The article."),),
        answers=answers(EMPTY),
        refusals=(
            *NO_ARTICLE,
            NotAccessible("agent permission required"),
            NotAccessible("you can only delete your own notes"),
            NotAccessible("communication articles cannot be deleted"),
            NotAccessible("note is too old to be deleted"),
            *OF_WRITES,
        ),
    ),
    "download_attachment": Operation(
        tag=ARTICLES,
        parameters=(
            by_id("The ticket.", "ticket"),
            by_id("The article.", "article"),
            by_id("The attachment."),
            query(
                "disposition",
                text("Whether browsers save the file instead of showing it.", enum=["attachment"]),
            ),
            query("view", text("Set for images embedded in a body.", enum=["inline", "preview"])),
        ),
        answers={200: {"*/*": {}}, 302: {}},
        refusals=(
            NotFound("file", 99999),
            NotAccessible(),
            Refusal(403, "The file does not belong to the specified article."),
            Refusal(403, "The article does not belong to the specified ticket."),
            *(NotFound(what, "first") for what in ("ticket", "article")),
        ),
        description="The file itself, with its own type. Types that browsers execute are sent as "
        "`application/octet-stream`. If the file is too large for a response, a redirect "
        "leads to it.",
    ),
    "get_plain_article": Operation(
        tag=ARTICLES,
        parameters=(by_id("The article."),),
        answers={200: {"message/rfc822": text()}, 302: {}},
        refusals=(*NO_ARTICLE, Refusal(404, "This article does not have a raw copy available.")),
    ),
}
