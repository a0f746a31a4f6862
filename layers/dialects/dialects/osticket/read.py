"""From osTicket requests to the desk's operations.

Reading takes what it can without the catalogue; the core checks the rest after its first trip. The
models of a request are this module's functions, not pydantic's: the contract takes nearly every
type for every key, and the import alone would cost a create 140 ms of its cold start.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Literal, NoReturn

from dialects.endpoint import Request
from dialects.osticket import data_url
from dialects.osticket.refuse import Unreadable
from helpdesk import text
from helpdesk.catalogue.fields import truth
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.files.limits import media_type
from helpdesk.model.entries import Body, Format
from helpdesk.model.files import NewFile
from helpdesk.model.people import FieldValue, NewPerson
from helpdesk.model.queries import Page, Sort, Wanted
from helpdesk.model.tickets import NewTicket

Shape = Literal["json", "xml"]
Values = dict[str, object]

DEEPEST = 512
"""Levels of nesting in a JSON body, as in PHP."""

LONGEST_REFERENCE = 64
"""Characters of a ticket number or id; nothing longer can name a ticket."""

LONGEST_ID = 10
"""Digits of an id, as it stands in a key."""

MOST_FILES = 60
"""Attachments that are read at all; the desk's own limit is much lower, and a setting."""


# --- JSON bodies ----------------------------------------------------------------------------


def json_body(request: Request) -> Values:
    """The object in a request's body.

    Errors: Unreadable with the texts of PHP's decoder (docs/osticket.md 1.3).
    """
    value = json_value(request.body)
    if not value or not isinstance(value, dict | list):
        raise Unreadable("No errors")
    # The keys of a list are its positions, which name no field.
    return value if isinstance(value, dict) else {"": value}


def json_value(body: bytes) -> object:
    """What a body says in JSON. Errors: Unreadable, as for `json_body`."""
    try:
        value: object = json.loads(
            body.decode(), parse_constant=_no_number, parse_int=_whole_number
        )
    except UnicodeDecodeError as bad:
        raise Unreadable("Malformed UTF-8 characters, possibly incorrectly encoded") from bad
    except RecursionError as deep:
        raise Unreadable("Maximum stack depth exceeded") from deep
    except json.JSONDecodeError as bad:
        control = bad.msg.startswith("Invalid control character")
        raise Unreadable(
            "Unexpected control character found" if control else "Syntax error, malformed JSON"
        ) from bad
    _check_depth(value)
    return value


def _no_number(name: str) -> NoReturn:
    raise json.JSONDecodeError(name, "", 0)


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, str):
                _check_characters(item)
            elif isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
        if not below:
            return
        level = below
    raise Unreadable("Maximum stack depth exceeded")


def _check_characters(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as half:
        # Half of a surrogate pair, written as \ud800.
        raise Unreadable("Unknown error") from half


# --- single values --------------------------------------------------------------------------


def text_of(values: Values, key: str) -> str:
    """A value that must be text; numbers and booleans are read as PHP writes them.

    Errors: Invalid with the reason `type` for lists and objects (docs/osticket.md, row A).
    """
    value = values.get(key)
    if isinstance(value, dict | list):
        raise Invalid(Problem(key, "type"))
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _catalogue_row(value: object) -> int | str | None:
    """An id where it is one, else a name; None for nothing, zero and what is neither."""
    if isinstance(value, dict) and len(value) == 1:
        # A one-entry map, as osTicket's own forms send a priority: id to name.
        value = next(iter(value))
    if isinstance(value, bool | dict | list):
        return None
    name = _scalar(value).strip()
    if re.fullmatch(r"[+-]?\d{1,15}", name, re.ASCII):
        return int(name) or None
    return text.one_line(name) or None


def _field_value(value: object) -> FieldValue:
    """What a custom field may be given: one value, several, or osTicket's map of key to name."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict | list):
        return tuple(_scalar(item) for item in value if not isinstance(item, dict | list))
    return _scalar(value)


# --- POST /api/tickets.json -----------------------------------------------------------------

_STOCK_IDS = {
    "1": "email",
    "2": "name",
    "3": "phone",
    "4": "notes",
    "20": "subject",
    "21": "message",
    "22": "priority",
}
"""The stock fields' ids, which name a field as well as its name does (docs/osticket.md 1.3)."""

_OWN_KEYS = frozenset(
    [
        *_STOCK_IDS,
        *_STOCK_IDS.values(),
        "alert",
        "attachments",
        "autorespond",
        "departmentId",
        "duedate",
        "format",
        "ip",
        "parentTicketId",
        "parentTicketNumber",
        "priorityId",
        "source",
        "topicId",
    ]
)

_SOURCES = {label.lower(): label for label in ("API", "Web", "Email", "Phone", "Other")}

FORMATS: dict[str, Format] = {
    "markdown": "markdown",
    "md": "markdown",
    "html": "html",
    "text": "text",
    "plain": "text",
    "txt": "text",
}
"""What a body's format may be called (docs/osticket.md 3.1)."""


def new_ticket(request: Request) -> NewTicket:
    """The ticket that a JSON request asks for (docs/osticket.md 1.3, 1.4 and 3.1).

    Keys that mean nothing here are kept as values of custom fields, which the core ignores where
    no form has them (docs/osticket.md, row 1). Errors: Unreadable, then Invalid for values of a
    wrong type, a message or a file that is not the base64 it says it is.
    """
    return ticket_of(json_body(request), request, _message, files)


def ticket_of(
    values: Values,
    request: Request,
    message: Callable[[Values, Format | None], Body],
    files: Callable[[object], tuple[NewFile, ...]],
) -> NewTicket:
    """The ticket that a request's values describe, whatever they were carried in.

    `message` and `files` read what each format writes in its own way: the body, given the values
    and the format asked for, and the files, given the value of `attachments`.
    """
    for number, name in _STOCK_IDS.items():
        if number in values:
            values.setdefault(name, values[number])
    chosen = _format(values)
    source = text_of(values, "source") if values.get("source") is not None else "API"
    return NewTicket(
        requester=NewPerson(
            email=text_of(values, "email").strip(),
            name=text.one_line(text_of(values, "name")),
            phone=text_of(values, "phone"),
            notes=text_of(values, "notes"),
        ),
        subject=text_of(values, "subject"),
        body=message(values, chosen),
        topic=_catalogue_row(values.get("topicId")),
        department=_department(values.get("departmentId")),
        priority=_catalogue_row(values.get("priority")) or _catalogue_row(values.get("priorityId")),
        parent=_parent(values),
        due=text_of(values, "duedate") or None,
        source=_SOURCES.get(source.strip().lower(), "Other"),
        ip=text.one_line(text_of(values, "ip"))[:LONGEST_REFERENCE] or request.source_ip,
        alert=_switch(values, "alert"),
        autorespond=_switch(values, "autorespond"),
        fields={key: _field_value(values[key]) for key in values.keys() - _OWN_KEYS},
        files=files(values.get("attachments")),
    )


def _format(values: Values) -> Format | None:
    if values.get("format") is None:
        return None
    name = values["format"]
    asked = _scalar(name).strip().lower() if not isinstance(name, dict | list) else "?"
    if not asked:
        raise Unreadable("Format cannot be empty", quotes=True)
    if asked not in FORMATS:
        raise Unreadable("Invalid format. Allowed: markdown, html, text", quotes=True)
    return FORMATS[asked]


def _message(values: Values, chosen: Format | None) -> Body:
    """The message; an empty one is stored as `-`, a missing one is for the core to refuse."""
    if values.get("message") is None:
        return Body("", chosen or "text")
    sent = text_of(values, "message")
    try:
        url = data_url.parse(sent)
    except data_url.BadData as bad:
        raise Invalid(Problem("message", "base64")) from bad
    if not url:
        return Body(sent or "-", chosen or "text")
    declared: Format = "html" if url.type == "text/html" else "text"
    return Body(data_url.to_text(url.data, url.charset) or "-", chosen or declared)


def _department(value: object) -> int | str | None:
    if isinstance(value, dict | list):
        raise NotFound("department", 0)
    return _catalogue_row(value)


def _parent(values: Values) -> tuple[int | str, ...]:
    """What may name the parent: a number first, then an id (docs/osticket.md, row 21)."""
    for key in ("parentTicketNumber", "parentTicketId"):
        ref = text_of(values, key).strip()
        if len(ref) > LONGEST_REFERENCE:
            raise NotFound("parent", ref)
        if ref and ref != "0":
            return (ref, int(ref)) if re.fullmatch(r"\d{1,10}", ref, re.ASCII) else (ref,)
    return ()


def _switch(values: Values, key: str) -> bool:
    """On unless the request says no, by PHP's idea of no (docs/osticket.md, row 10)."""
    return values.get(key) is None or truth(values[key])


# --- attachments ----------------------------------------------------------------------------


def files(sent: object) -> tuple[NewFile, ...]:
    """The files of a request, both shapes of docs/osticket.md, row G; what is no list is ignored
    (docs/osticket.md 1.4).

    Errors: Invalid with `file` for what is no file, `base64` for bad data; nothing is half read.
    """
    if not isinstance(sent, list):
        return ()
    check_count(sent)
    return tuple(_file(item, position) for position, item in enumerate(sent, 1))


def check_count(files: Sequence[object]) -> None:
    """Errors: Invalid with `too_many_files` above MOST_FILES."""
    if len(files) > MOST_FILES:
        raise Invalid(Problem("attachments", "too_many_files", detail=str(MOST_FILES)))


def _file(item: object, position: int) -> NewFile:
    if not isinstance(item, dict) or not item:
        raise Invalid(Problem("attachments", "file", detail=str(position)))
    described = "name" in item and "data" in item
    key, value = (item["name"], item["data"]) if described else next(iter(item.items()))
    if isinstance(key, dict | list) or isinstance(value, dict | list) or value is None:
        raise Invalid(Problem("attachments", "file", detail=str(position)))
    name, content = text.safe_name(_scalar(key)), _scalar(value)
    declared = item if described else {}
    if file := uploaded(name, content):
        return file
    try:
        data, kind = _contents(content, declared)
    except data_url.BadData as bad:
        raise Invalid(Problem("attachments", "base64", label=name)) from bad
    return new_file(name, kind, data)


def new_file(name: str, kind: str, data: bytes) -> NewFile:
    """A file of this media type, or where that is none, of the type of its name
    (docs/osticket.md, row 11).
    """
    return NewFile(name, media_type(kind, name), data)


def uploaded(name: str, content: str) -> NewFile | None:
    """The file that is named instead of being sent: `upload:` and what `POST /api/uploads` gave;
    None for anything else.
    """
    known = _UPLOAD.fullmatch(content.strip())
    return NewFile(name, "", b"", upload=known[1]) if known else None


_UPLOAD = re.compile(r"upload:([A-Za-z0-9_-]{1,64})", re.ASCII)


def _contents(content: str, declared: Values) -> tuple[bytes, str]:
    url = data_url.parse(content)
    data, kind = (url.data, url.type) if url else (content.encode(), "")
    if url and url.charset:
        data = data_url.to_text(url.data, url.charset).encode()
    if not url and str(declared.get("encoding")).strip().lower() == "base64":
        data = data_url.decode(data)
    return data, str(declared.get("type") or kind)


# --- GET ------------------------------------------------------------------------------------


def reference(request: Request, script: str, kind: str) -> tuple[str, Shape]:
    """The number or id and the format in the last part of the path: `781258.json`.

    `script` and `kind` are for the text of the refusal; `kind` begins with the word for what the
    ticket is to the operation. Errors: Unreadable where the part is not made so; NotFound for what
    no ticket can be called.
    """
    name, dot, shape = request.params.get("ref", "").rpartition(".")
    if not dot or not name or shape not in {"json", "xml"}:
        raise Unreadable(f"Invalid URL format. Expected: /api/{script}/{{{kind}}}.json")
    if len(name) > LONGEST_REFERENCE:
        raise NotFound(kind.partition("_")[0], name)
    return name, "xml" if shape == "xml" else "json"


def relative(
    request: Request, script: str, what: Literal["child", "parent"], zero: str = ""
) -> tuple[str, Shape]:
    """`reference` for the ticket that is the child or the parent of others. Errors: as there;
    Unreadable for the number 0, with `zero` as the word for it (docs/osticket.md 3.8 to 3.11).
    """
    number, shape = reference(request, script, f"{what}_ticket_number")
    if number == "0":
        raise Unreadable(f"Invalid {zero}ticket number")
    return number, shape


DEFAULT_LIMIT, MOST_LISTED = 20, 100
"""Tickets of one answer, and how many it can have at most."""

_SORTS: dict[str, Sort] = {"created": "created", "updated": "updated", "number": "number"}


def search(request: Request) -> tuple[Wanted, Page, Shape]:
    """Which tickets a search asks for, which part of the list, and the format
    (docs/osticket.md 3.4).

    What cannot be read is as if it were not there: no search is refused for its parameters.
    """

    def given(name: str) -> str:
        return request.query.get(name, "").strip()

    sort = _SORTS.get(given("sort").lower(), "created")
    limit = _whole(given("limit"))
    wanted = Wanted(
        # An id, a name or a path; longer than any of them matches nothing.
        status=given("status") or None,
        department=given("department") or None,
        subject=(given("query"),),
    )
    page = Page(
        sort=sort,
        descending=sort != "number",
        offset=max(_whole(given("offset")), 0),
        limit=min(limit, MOST_LISTED) if limit >= 1 else DEFAULT_LIMIT,
    )
    return wanted, page, shape(request)


def _whole(number: str) -> int:
    """A whole number; zero for what is none."""
    return int(number) if re.fullmatch(r"[+-]?\d{1,15}", number, re.ASCII) else 0


def file_reference(request: Request) -> tuple[int, Shape]:
    """The id of a file and the format in the last part of the path: `29.json`.

    Errors: Unreadable where the part is not made so, NotFound for what no file can be called.
    """
    name, dot, chosen = request.params.get("ref", "").rpartition(".")
    if not dot or chosen not in {"json", "xml"} or not re.fullmatch(r"-?\d+", name, re.ASCII):
        script = "tickets-attachment-download.php"
        raise Unreadable(f"Invalid URL format. Expected: /api/{script}/{{file_id}}.json")
    if name.startswith("-") or not name.strip("0"):
        raise Unreadable("Invalid file ID")
    if len(name.lstrip("0")) > LONGEST_ID:
        raise NotFound("file", name[:LONGEST_REFERENCE])
    return int(name), "xml" if chosen == "xml" else "json"


def shape(request: Request) -> Shape:
    """The format a list is asked for in (docs/osticket.md, row 38): by an ending of the path, by
    `?format=`, or by an Accept that ranks XML above JSON.
    """
    chosen = request.resource.rpartition(".")[2]
    if chosen not in {"json", "xml"}:
        chosen = request.query.get("format", "").strip().lower()
    if chosen not in {"json", "xml"}:
        rank = _ranks(request.headers.get("accept", ""))
        xml = max(rank("application/xml"), rank("text/xml"))
        chosen = "xml" if xml > rank("application/json") else "json"
    return "xml" if chosen == "xml" else "json"


def _ranks(accept: str) -> Callable[[str], float]:
    given: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        known = re.fullmatch(r"[01](?:\.\d{0,3})?", quality, re.ASCII)
        given[kind] = float(quality) if known else 0.0

    def rank(kind: str) -> float:
        wider = (kind, kind.partition("/")[0] + "/*", "*/*")
        return next((given[name] for name in wider if name in given), 0.0)

    return rank
