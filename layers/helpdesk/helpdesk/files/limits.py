"""The limits of the files of one request: how many, how large, of which types.

The limits are seed 002's, and settings of the desk (docs/osticket.md, row 24). Those of number and
type are osTicket's; files that come through Zammad's API have only a size, as there
(docs/zammad.md 8.2).
"""

import re
from collections.abc import Sequence
from mimetypes import MimeTypes

from helpdesk.errors import Problem
from helpdesk.model.files import NewFile
from helpdesk.model.settings import Settings

KINDS: dict[str, tuple[str, ...]] = {
    "png": ("image/png",),
    "jpg": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "jpeg": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "gif": ("image/gif",),
    "svg": ("image/svg+xml",),
    "webp": ("image/webp",),
    "bmp": ("image/bmp", "image/x-ms-bmp"),
    "ico": ("image/x-icon", "image/vnd.microsoft.icon"),
    "pdf": ("application/pdf",),
    "doc": ("application/msword",),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    "xls": ("application/vnd.ms-excel",),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    "ppt": ("application/vnd.ms-powerpoint",),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
    "odt": ("application/vnd.oasis.opendocument.text",),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet",),
    "txt": ("text/plain",),
    "md": ("text/markdown", "text/x-markdown", "text/plain"),
    "csv": ("text/csv", "application/csv", "application/vnd.ms-excel", "text/plain"),
    "json": ("application/json", "text/json", "text/plain"),
    "xml": ("application/xml", "text/xml", "text/plain"),
    "yaml": ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"),
    "yml": ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"),
    "log": ("text/plain", "text/x-log"),
    "html": ("text/html", "text/plain"),
    "htm": ("text/html", "text/plain"),
    "css": ("text/css", "text/plain"),
    "js": ("text/javascript", "application/javascript", "application/x-javascript", "text/plain"),
    "zip": ("application/zip", "application/x-zip-compressed"),
    "tar": ("application/x-tar",),
    "gz": ("application/gzip", "application/x-gzip"),
    "tgz": ("application/gzip", "application/x-gzip"),
    "7z": ("application/x-7z-compressed",),
    "rar": ("application/vnd.rar", "application/x-rar-compressed", "application/x-rar"),
}
"""The media types that go with each extension of the stock list, the usual one first."""

_RUN = frozenset({"css", "htm", "html", "js", "svg", "xml"})

SERVED = frozenset(kind for last, kinds in KINDS.items() if last not in _RUN for kind in kinds)
"""The types under which files are given out; any other could be one that a browser runs
(docs/osticket.md, row F; docs/aws.md m7).
"""

# Only Python's own table, not those of the machine.
_STANDARD = MimeTypes(filenames=())

UNKNOWN = "application/octet-stream"


def extension(name: str) -> str:
    """The part after the last dot, in lower case; empty if there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def type_by_name(name: str) -> str:
    """The media type of a file's extension, else text/plain (docs/osticket.md, row 11)."""
    if known := KINDS.get(extension(name)):
        return known[0]
    return _STANDARD.guess_type(name)[0] or "text/plain"


_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def media_type(declared: str, name: str) -> str:
    """The declared type of a file, if that is a media type; else the type by its name."""
    kind = declared.partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else type_by_name(name)


def check_files(
    files: Sequence[NewFile], settings: Settings
) -> tuple[tuple[NewFile, ...], tuple[Problem, ...]]:
    """The files to keep, and the problems with them; any problem refuses the request.

    If attachments are switched off, all are dropped without an error (docs/osticket.md 1.6).
    Pictures embedded in a body (`inline`) count for the sizes, not for the number. Reasons:
    `too_many_files`, `file_too_large`, `files_too_large` (detail: the limit; bytes for sizes),
    `file_type`; the label is the file's name.
    """
    if not settings.allow_attachments:
        return (), ()
    problems: list[Problem] = []
    if sum(file.limited and not file.inline for file in files) > settings.max_files:
        problems.append(_problem("too_many_files", settings.max_files))
    for file in files:
        if file.size > settings.max_file_size:
            problems.append(_problem("file_too_large", settings.max_file_size, file.name))
        if file.limited and not _allowed(file, settings.file_types):
            problems.append(_problem("file_type", extension(file.name) or file.type, file.name))
    if sum(file.size for file in files) > settings.max_files_size:
        problems.append(_problem("files_too_large", settings.max_files_size))
    return tuple(files), tuple(problems)


def _problem(reason: str, limit: object, name: str = "") -> Problem:
    return Problem("attachments", reason, label=name, detail=str(limit))


def _allowed(file: NewFile, setting: Sequence[str]) -> bool:
    if not setting:
        return True
    listed = {kind.lower().removeprefix(".") for kind in setting}
    types = {kind for known in listed for kind in _types(known)}
    last, declared = extension(file.name), file.type.lower()
    # Both name and type must be allowed, since either can be forged. The type `octet-stream` is
    # ignored; without an extension only the type counts.
    named = not last or last in listed or type_by_name(file.name) in listed
    return named and (declared in types or (bool(last) and declared == UNKNOWN))


def _types(listed: str) -> tuple[str, ...]:
    if "/" in listed:
        return (listed,)
    return KINDS.get(listed) or (type_by_name(f"x.{listed}"),)
