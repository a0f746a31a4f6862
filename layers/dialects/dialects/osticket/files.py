"""Files in osTicket requests (docs/osticket.md, rows 2, 5, 11 and G; docs/osticket.md 1.4)."""

import re

from dialects import data_url
from dialects.osticket.values import Values, scalar
from helpdesk import text
from helpdesk.errors import Invalid, Problem
from helpdesk.files.limits import media_type
from helpdesk.model.files import NewFile

MOST_FILES = 60
"""Attachments that the desk's limit, a setting, can be at most. One more is read, to be refused."""


def files(sent: object) -> tuple[NewFile, ...]:
    """The files of a JSON request (docs/osticket.md, row G): a list or an object of them.

    An object with `name` and `data` is one file, which may say more of itself (`type`,
    `encoding`); of any other object each pair is a file's name and its contents.

    Raises:
        Invalid: `file` if it is not a file, `base64` and `data_url` for bad contents.
    """
    if not sent:
        return ()
    if isinstance(sent, dict):
        sent = [sent]
    if not isinstance(sent, list):
        raise _no_file(1)
    found: list[NewFile] = []
    for position, item in enumerate(sent, 1):
        if not isinstance(item, dict) or not item:
            raise _no_file(position)
        if "name" in item and "data" in item:
            found.append(new_file(item["name"], item["data"], item, position))
        else:
            found += (new_file(name, data, {}, position) for name, data in item.items())
        if len(found) > MOST_FILES:
            break
    return tuple(found)


def new_file(name: object, content: object, declared: Values, position: int) -> NewFile:
    """A file by its name and its contents as a request carries them.

    Args:
        name: The name; folders in it are dropped.
        content: A data URL, base64, the contents themselves, or `upload:` and an id.
        declared: Further values of the file in the request: `type` and `encoding`.
        position: Which file of the request it is, from 1, for the refusal.

    Raises:
        Invalid: `file` if the name or the text is missing, `base64` and `data_url` for bad
            contents.
    """
    kinds = (name, content, declared.get("type"), declared.get("encoding"))
    if any(isinstance(value, dict | list) for value in kinds) or content is None or name is None:
        raise _no_file(position)
    shown, written = text.safe_name(scalar(name)), scalar(content)
    if file := uploaded(shown, written):
        return file
    try:
        data, kind = data_url.file_contents(
            written, scalar(declared.get("type")), scalar(declared.get("encoding"))
        )
    except data_url.BadData as bad:
        raise Invalid(Problem("attachments", "base64", label=shown)) from bad
    except data_url.NoDataUrl as bad:
        raise Invalid(Problem("attachments", "data_url", label=shown)) from bad
    # Without a declared type, it is derived from the name (docs/osticket.md, row 11).
    return NewFile(shown, media_type(kind, shown), data)


def _no_file(position: int) -> Invalid:
    return Invalid(Problem("attachments", "file", detail=str(position)))


def uploaded(name: str, content: str) -> NewFile | None:
    """A reference to an uploaded file: `upload:` and the id from `POST /api/uploads`; None for
    anything else.
    """
    known = _UPLOAD.fullmatch(content.strip())
    return NewFile(name, "", b"", upload=known[1]) if known else None


_UPLOAD = re.compile(r"upload:([A-Za-z0-9_-]{1,64})", re.ASCII)
