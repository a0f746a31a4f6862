"""Kinds of values in the bodies of the admin API, as types of pydantic models."""

import re
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from dialects.parameters import HIGHEST_ID
from helpdesk import patterns, times
from helpdesk.addresses import is_address
from helpdesk.catalogue.mail_templates import VARIABLES
from helpdesk.directory.changes import HIGHEST_CHOSEN_ID
from helpdesk.keys.manage import LONGEST_OVERLAP
from helpdesk.keys.permissions import PERMISSIONS, network
from helpdesk.mail_syntax import mailbox

MOST_ITEMS = 100
"""Items a list in a body may have."""

LEAST_MINUTES_A_WEEK = 5 * 60
LEAP_YEAR = 2024


def _one_line(text: str) -> str:
    # Names end up in the headers of mails.
    if not text.isprintable():
        raise PydanticCustomError("one_line", "must be one line of printable text")
    return text


def _lines(text: str) -> str:
    if not all(part.isprintable() for part in re.split(r"[\r\n\t]", text)):
        raise PydanticCustomError("printable", "must not hold control characters")
    return text


def _network(text: str) -> str:
    try:
        return network(text)
    except ValueError:
        raise PydanticCustomError("network", "must be a network such as 10.0.0.0/8") from None


def _source_address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise PydanticCustomError("address", "must be an address such as 203.0.113.7") from None


def _time(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        # A time without offset is UTC, like every time that the desk shows.
        moment = times.read(text)
    except ValueError:
        problem = "must be a time such as 2027-01-31T23:59:59Z"
        raise PydanticCustomError("time", problem) from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _moment(text: str) -> str:
    if text:
        _time(text)
    return text


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError("time_zone", "must be a time zone such as Europe/Berlin")
    return text


def _expression(text: str) -> str:
    try:
        patterns.check(text)
    except patterns.BadPattern:
        problem = "must be a regular expression without backreferences and lookaround (RE2)"
        raise PydanticCustomError("expression", problem) from None
    return text


def _address(text: str) -> str:
    _, address = mailbox.read(text)
    if not is_address(address):
        raise PydanticCustomError("email", "must be an e-mail address")
    return address.lower()


def _banned(text: str) -> str:
    if "*" not in text:
        return _address(text)
    # A local part may contain an asterisk, but in practice none does.
    if not is_address(text.replace("*", "a")) or text.rpartition("@")[2].strip("*.") == "":
        problem = "must be an e-mail address or a pattern such as *@spam.example"
        raise PydanticCustomError("banned", problem)
    return text.lower()


_VARIABLE = re.compile(r"%\{([^{}]*)\}")


def _template(text: str) -> str:
    for name in _VARIABLE.findall(text):
        if name not in VARIABLES:
            problem = "names {variable}, which is no variable; there are {known}"
            context = {"variable": f"%{{{name[:60]}}}", "known": ", ".join(VARIABLES)}
            raise PydanticCustomError("variable", problem, context)
    return text


def _file_type(text: str) -> str:
    kind = text.strip().lower()
    if "/" not in kind:
        kind = kind.removeprefix("*").removeprefix(".")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_+-]{0,31}|[a-z0-9.+-]+/[a-z0-9.+-]+", kind):
        problem = "must be an extension such as pdf, or a media type such as application/pdf"
        raise PydanticCustomError("file_type", problem)
    return kind


def _permission(text: str) -> str:
    if text not in PERMISSIONS:
        raise PydanticCustomError("permission", "must be among " + ", ".join(PERMISSIONS))
    return text


def _week(days: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    # Deadlines are counted in these hours: too few of them, and an SLA would never run out.
    if any(start >= end for start, end in days.values()):
        raise PydanticCustomError("hours", "must end after they start")
    if sum(end - start for start, end in days.values()) < LEAST_MINUTES_A_WEEK:
        raise PydanticCustomError("week", "must add up to five hours a week")
    return days


def _holiday(text: str) -> str:
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{text}")
    except ValueError:
        if not re.fullmatch(r"(0[1-9]|1[0-2])-[0-6]-(-1|[1-4])", text):
            problem = "must be MM-DD or MM-weekday-nth, such as 12-25 or 11-3-4"
            raise PydanticCustomError("holiday", problem) from None
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_one_line)]
Name = Annotated[Line, Field(min_length=1, max_length=128)]
Short = Annotated[Line, Field(max_length=255)]
Text = Annotated[str, Field(max_length=65_536), AfterValidator(_lines)]
Address = Annotated[Line, AfterValidator(_address)]
Banned = Annotated[Line, AfterValidator(_banned)]
Listed = Annotated[Short, AfterValidator(str.lower)]
FileType = Annotated[Line, AfterValidator(_file_type)]
Id = Annotated[int, Field(ge=1, le=HIGHEST_ID)]
ChosenId = Annotated[int, Field(ge=1, le=HIGHEST_CHOSEN_ID)]
Count = Annotated[int, Field(ge=0, le=HIGHEST_ID)]
Ids = Annotated[frozenset[Id], Field(max_length=MOST_ITEMS)]
Rows = Annotated[tuple[Id, ...], Field(max_length=MOST_ITEMS)]
TemplateLine = Annotated[Short, AfterValidator(_template)]
TemplateText = Annotated[Text, AfterValidator(_template)]
Network = Annotated[str, Field(max_length=64), AfterValidator(_network)]
SourceAddress = Annotated[str, Field(max_length=64), AfterValidator(_source_address)]
Advice = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
Time = Annotated[datetime, BeforeValidator(_time)]
WrittenTime = Annotated[Line, Field(max_length=64), AfterValidator(_moment)]
TimeZone = Annotated[Line, AfterValidator(_time_zone)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,49}$")]
NumberFormat = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\\-]{0,20}#{1,9}$")]
Minute = Annotated[int, Field(ge=0, le=24 * 60)]
Permission = Annotated[
    str, AfterValidator(_permission), Field(json_schema_extra={"enum": list(PERMISSIONS)})
]
Pattern = Annotated[str, Field(max_length=255), AfterValidator(_expression)]
Username = Annotated[str, Field(pattern=r"^[^\s@]{1,64}$"), AfterValidator(_one_line)]
Weekday = Literal["0", "1", "2", "3", "4", "5", "6"]
Week = Annotated[dict[Weekday, tuple[Minute, Minute]], AfterValidator(_week)]
Holiday = Annotated[str, AfterValidator(_holiday)]
OverlapHours = Annotated[int, Field(ge=0, le=LONGEST_OVERLAP // timedelta(hours=1))]


class Body(BaseModel):
    """A body: values have the type that is named, and fields that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)
