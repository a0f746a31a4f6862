"""The desk's forms: values read by the kind of their field and checked in the form's order.

The rules are osTicket's (docs/osticket.md 1.3 and 1.7), without the refused first characters and
the stripped symbols of docs/osticket.md, row M. A request names a field by name or by numeric id.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from html import unescape

from helpdesk import patterns, text, times
from helpdesk.addresses import is_address
from helpdesk.catalogue.rows import SETTINGS, stored_zone
from helpdesk.clock import now
from helpdesk.errors import Problem
from helpdesk.mail_syntax import mailbox
from helpdesk.model.catalogue import CustomField, Topic
from helpdesk.model.entries import Body
from helpdesk.model.people import LONGEST_NAME, FieldValue, NewPerson, Person
from helpdesk.model.settings import Settings
from helpdesk.model.tickets import NewTicket

LONGEST_LINE = 1_000
"""Most characters of a one-line value, such as the subject."""

LONGEST_MEMO = 16_000
"""Characters of a value of several lines."""

LONGEST_FORM = 100_000
"""Bytes of all values of one ticket together: they are stored in the ticket's item."""

SUSPICIOUS = "suspicious_mail"
"""The field in a ticket's values that tells staff what is suspicious about its mail."""

BUILT_IN = frozenset({"email", "name", "phone", "notes", "subject", "message", "priority"})
"""Stock fields that are separate attributes of a request, a person or a ticket."""

_Read = tuple[FieldValue, tuple[str, ...]]


# --- a whole request ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forms:
    """A request's forms, read: cleaned values, and everything that is wrong with them.

    `fields` is for the ticket: the values of its own form, of its topic's, and of the requester's
    (phone and notes, too), as they were when the ticket was opened. `early` marks a problem that is
    reported before bans and limits are checked.
    """

    requester: NewPerson
    subject: str
    fields: Mapping[str, FieldValue]
    due: datetime | None
    early: bool
    problems: tuple[Problem, ...]


def read_forms(
    new: NewTicket,
    fields: Iterable[CustomField],
    settings: Settings,
    topic: Topic | None,
    known: Person | None,
) -> Forms:
    """Reads and checks the due date, the requester, the ticket's form and the topic's form.

    A known person's own form is not checked again: wrong values are left out, and missing ones are
    taken from the person. Reasons: see `read_value`; `past` for a due date; and `incomplete` for
    the field `user`, the only one about a new requester.
    """
    rows = sorted(fields, key=lambda field: (field.sort, field.id))
    local = stored_zone(settings.default_timezone, SETTINGS)
    due, problems = _read_due(new.due, local)
    early = bool(problems)
    requester, contact, complete = _read_requester(new, rows, local, known)
    if not complete and not early:
        problems.append(Problem("user", "incomplete"))
    own = [field for field in rows if field.form == "ticket"]
    extra = sorted(topic.fields, key=lambda field: (field.sort, field.id)) if topic else []
    values, wrong = _read_fields([*own, *extra], _named_values(new), local)
    problems += wrong
    answers = {name: value for name, value in (contact | values).items() if value not in ("", None)}
    if sum(len(str(value).encode()) for value in answers.values()) > LONGEST_FORM:
        problems.append(Problem("fields", "too_long", detail=str(LONGEST_FORM)))
    subject = text.one_line(new.subject)
    return Forms(requester, subject, answers, due, early, tuple(problems))


def _read_due(
    value: datetime | str | int | None, local: tzinfo
) -> tuple[datetime | None, list[Problem]]:
    if value is None:
        return None, []
    try:
        due = times.read(value, local)
    except ValueError:
        return None, [Problem("duedate", "date")]
    if isinstance(value, datetime):
        # A caller that passes a parsed time may give one in the past.
        return due, []
    return due, [] if due > now() else [Problem("duedate", "past")]


def _named_values(new: NewTicket) -> dict[str, FieldValue]:
    return {**new.fields, "subject": new.subject, "message": new.body.text}


def _read_requester(
    new: NewTicket, rows: list[CustomField], local: tzinfo, known: Person | None
) -> tuple[NewPerson, dict[str, FieldValue], bool]:
    # Like the sender's name of a mail, a long one is cut: no ticket is lost by it.
    asked = replace(new.requester, name=text.one_line(new.requester.name)[:LONGEST_NAME].rstrip())
    form = [field for field in rows if field.form == "contact"]
    own = {"name": asked.name, "phone": asked.phone, "notes": asked.notes, "email": asked.email}
    given: dict[str, FieldValue] = {**new.fields, **asked.fields}
    given |= {name: value for name, value in own.items() if value}
    values, problems = _read_fields(form, given, local)
    complete = not problems and is_address(asked.email.strip())
    person = replace(
        asked,
        email=asked.email.strip(),
        name=str(values.pop("name", None) or asked.name),
        phone=str(values.pop("phone", None) or ""),
        notes=str(values.pop("notes", None) or ""),
    )
    values.pop("email", None)
    person = replace(person, fields={name: value for name, value in values.items() if value})
    contact: dict[str, FieldValue] = {"phone": person.phone, "notes": person.notes, **person.fields}
    if known:
        before: dict[str, FieldValue] = {"phone": known.phone, "notes": known.notes, **known.fields}
        contact = before | {name: value for name, value in contact.items() if value}
    return person, contact, complete or known is not None


def _read_fields(
    form: Iterable[CustomField], given: Mapping[str, FieldValue], local: tzinfo
) -> tuple[dict[str, FieldValue], list[Problem]]:
    values: dict[str, FieldValue] = {}
    problems: list[Problem] = []
    for field in form:
        value, wrong = read_value(field, given.get(field.name, given.get(str(field.id))), local)
        problems += wrong
        # Subject, message and priority are attributes of the ticket; only their rows are checked.
        if not wrong and field.name not in {"subject", "message", "priority"}:
            values[field.name] = value
    return values, problems


def for_customer(
    values: Mapping[str, FieldValue], fields: Iterable[CustomField]
) -> dict[str, FieldValue]:
    """A ticket's values without those that only agents may see."""
    hidden = {field.name for field in fields if field.agents_only} | {"notes", SUSPICIOUS}
    return {name: value for name, value in values.items() if name not in hidden}


# --- one value ------------------------------------------------------------------------------


def read_value(
    field: CustomField, given: FieldValue, local: tzinfo
) -> tuple[FieldValue, list[Problem]]:
    """A value as its kind of field stores it, and what is wrong with it.

    Reasons: `required`, `too_long` (detail: characters), `pattern`, `email`, `phone`,
    `phone_extension`, `phone_missing`, `ip`, `number`, `date`, `too_early` and `too_late` (detail:
    the bound). A missing value can only be `required`.
    """
    where = field.name if field.name in BUILT_IN else str(field.id)

    def wrong(reason: str, detail: str = "") -> list[Problem]:
        return [Problem(where, reason, label=field.label, detail=detail)]

    if field.kind == "boolean":
        return truth(given), []
    if given is None or given in ("", ()):
        return None, wrong("required") if field.required else []
    if len(as_text(given)) > (longest := _longest(field)):
        return None, wrong("too_long", str(longest))
    try:
        value = _READERS[field.kind](field, given, local)
    except _Refused as refused:
        return None, wrong(refused.reason, refused.detail)
    if value in ("", ()):
        return None, wrong("required") if field.required else []
    return value, []


class _Refused(Exception):
    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def _longest(field: CustomField) -> float:
    # The message becomes an entry, limited only by the size of the request.
    if field.name == "message":
        return float("inf")
    return LONGEST_MEMO if field.kind == "memo" else LONGEST_LINE


_NO = frozenset({"", "0", "false", "no", "off"})


def truth(value: object) -> bool:
    """The one reader of booleans: whether a value counts as yes (docs/osticket.md, row 10).

    As in PHP, every value is true except null, zero and empty ones, and (ignoring case) the texts
    `false`, `no`, `off`, `0`.
    """
    return value.strip().lower() not in _NO if isinstance(value, str) else bool(value)


def as_text(value: FieldValue) -> str:
    """A value as one text."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _text(field: CustomField, given: FieldValue, _local: tzinfo) -> str:
    value = text.one_line(as_text(given))
    if field.pattern and value and not _matches(field.pattern, value):
        raise _Refused("pattern")
    return value


def _matches(pattern: str, value: str) -> bool:
    try:
        return patterns.found(pattern, value)
    except patterns.BadPattern:
        # No value could match an invalid pattern, so it is not applied.
        return True


def _memo(field: CustomField, given: FieldValue, _local: tzinfo) -> str:
    value = text.strip_controls(as_text(given))
    # Only the presence of a message counts, not its content (docs/osticket.md 1.3).
    if field.name == "message" or text.strip_tags(value) == text.strip_controls(unescape(value)):
        return value if field.name == "message" else value.strip()
    return text.sanitize(Body(value, "html"))[0].text.strip()


_NO_PHONE = re.compile("[^0-9X]")


def _phone(_field: CustomField, given: FieldValue, _local: tzinfo) -> str:
    raw = as_text(given).strip()
    digits = _NO_PHONE.sub("", raw.upper())
    number, separator, extension = digits.partition("X")
    if separator and not number:
        raise _Refused("phone_missing")
    if len(number) < 7:
        raise _Refused("phone")
    if separator and not extension.isdigit():
        raise _Refused("phone_extension")
    return digits


def _email(_field: CustomField, given: FieldValue, _local: tzinfo) -> str:
    _, address = mailbox.read(as_text(given))
    if not is_address(address):
        raise _Refused("email")
    return address


def _ip(_field: CustomField, given: FieldValue, _local: tzinfo) -> str:
    # Few forms have such a field.
    from ipaddress import ip_address  # noqa: PLC0415

    try:
        return str(ip_address(as_text(given).strip()))
    except ValueError as unread:
        raise _Refused("ip") from unread


def _number(_field: CustomField, given: FieldValue, _local: tzinfo) -> FieldValue:
    raw = as_text(given).strip()
    try:
        value = Decimal(raw) if len(raw) <= 40 else Decimal("NaN")
    except InvalidOperation as unread:
        raise _Refused("number") from unread
    # A number in DynamoDB has up to 38 digits.
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise _Refused("number")
    return int(value) if value == value.to_integral_value() else f"{value:f}"


def _datetime(field: CustomField, given: FieldValue, local: tzinfo) -> str:
    try:
        value = times.read(given if isinstance(given, int) else as_text(given), local)
    except ValueError as unread:
        raise _Refused("date") from unread
    for bound, reason in ((field.earliest, "too_early"), (field.latest, "too_late")):
        limit = _bound(bound, local)
        if limit and (value < limit if reason == "too_early" else value > limit):
            raise _Refused(reason, bound)
    return value.replace(tzinfo=None).isoformat(" ", "seconds")


def _bound(bound: str, local: tzinfo) -> datetime | None:
    try:
        return times.read(bound, local)
    except ValueError:
        return None


def _choice(field: CustomField, given: FieldValue, _local: tzinfo) -> FieldValue:
    by_name = {text.fold(name): key for key, name in field.choices.items()}

    def key_of(part: str) -> str | None:
        part = part.strip()
        return part if part in field.choices else by_name.get(text.fold(part))

    parts = given if isinstance(given, tuple) else (as_text(given),)
    chosen: list[str] = []
    for part in map(text.one_line, parts):
        known = key_of(part)
        # osTicket itself stores a choice as "Name,key".
        pair = [key_of(half) for half in part.split(",")] if known is None else [known]
        keys = [key for key in pair if key is not None]
        # A value that is not one of the choices is stored as typed (docs/osticket.md 1.7).
        chosen += keys if keys and len(keys) == len(pair) else [part]
    unique = tuple(dict.fromkeys(filter(None, chosen)))
    return unique[0] if len(unique) == 1 else unique


_READERS: dict[str, Callable[[CustomField, FieldValue, tzinfo], FieldValue]] = {
    "text": _text,
    "memo": _memo,
    "phone": _phone,
    "datetime": _datetime,
    "choice": _choice,
    "number": _number,
    "email": _email,
    "ip": _ip,
}
