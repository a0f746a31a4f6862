"""Files in osTicket requests (docs/osticket.md, rows 2, 5, 11 and G; docs/osticket.md 1.4)."""

import re
from collections.abc import Sequence

from dialects import data_url
from dialects.charsets import to_text
from dialects.osticket.values import Values, scalar
from helpdesk import text
from helpdesk.errors import Invalid, Problem
from helpdesk.files.limits import media_type
from helpdesk.model.files import NewFile

MOST_FILES = 60
"""Attachments that are read at all; the desk's own limit is much lower, and a setting."""


def files(sent: object) -> tuple[NewFile, ...]:
    """The files of a request, both shapes of docs/osticket.md, row G; what is no list is ignored
    (docs/osticket.md 1.4).

    Raises:
        Invalid: `file` for what is no file, `base64` for bad data.
    """
    if not isinstance(sent, list):
        return ()
    check_count(sent)
    return tuple(_file(item, position) for position, item in enumerate(sent, 1))


def check_count(files: Sequence[object]) -> None:
    """Refuses more files than are read.

    Raises:
        Invalid: `too_many_files`, above MOST_FILES.
    """
    if len(files) > MOST_FILES:
        raise Invalid(Problem("attachments", "too_many_files", detail=str(MOST_FILES)))


def _file(item: object, position: int) -> NewFile:
    if not isinstance(item, dict) or not item:
        raise Invalid(Problem("attachments", "file", detail=str(position)))
    described = "name" in item and "data" in item
    key, value = (item["name"], item["data"]) if described else next(iter(item.items()))
    if isinstance(key, dict | list) or isinstance(value, dict | list) or value is None:
        raise Invalid(Problem("attachments", "file", detail=str(position)))
    name, content = text.safe_name(scalar(key)), scalar(value)
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
        data = to_text(url.data, url.charset).encode()
    if not url and str(declared.get("encoding")).strip().lower() == "base64":
        data = data_url.decode(data)
    return data, str(declared.get("type") or kind)
