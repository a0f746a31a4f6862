"""The body of an entry as HTML for a frame that loads nothing: its own pictures are embedded, and
remote ones removed.
"""

import re
from base64 import b64encode
from functools import partial
from html import escape, unescape

from dialects import answers
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk import text
from helpdesk.errors import NotFound
from helpdesk.files.limits import SERVED
from helpdesk.model.entries import Body, Entry
from helpdesk.model.files import Attachment
from helpdesk.storage import aws, objects

MOST_OF_PICTURES = 3_000_000
"""Most bytes of pictures in one answer, given Lambda's limit of 6 MB; others are counted as left
out, and listed in the files of the ticket.
"""

_IMG = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
_SRC = re.compile(r' src="([^"]*)"')


class _Pictures:
    """The pictures of one entry, and how many of those that its bodies name are not shown."""

    def __init__(self, entry: Entry) -> None:
        self._files = {file.content_id: file for file in entry.attachments if file.content_id}
        self._data: dict[str, str] = {}
        self.remote = 0
        self.left_out = 0

    def read(self, *bodies: str) -> None:
        """Reads the pictures that the bodies reference; at most one round trip."""
        wanted: dict[str, Attachment] = {}
        room = MOST_OF_PICTURES
        for body in bodies:
            for image in _IMG.findall(body):
                file = self._file(image)
                if file and file.content_id not in wanted and file.size <= room:
                    wanted[file.content_id] = file
                    room -= file.size
        if wanted:
            read = aws.together(*(partial(_data, file) for file in wanted.values()))
            self._data = dict(zip(wanted, read, strict=True))

    def within(self, body: str) -> str:
        """A body with its own pictures as `data:`, and without others."""
        return _IMG.sub(lambda found: self._shown(found[0]), body)

    def _shown(self, image: str) -> str:
        source = _source(image)
        if source.lower().startswith("data:"):
            return image
        if not source.lower().startswith("cid:"):
            # The cleaner has put the address of remote pictures into `data-src`.
            self.remote += 1
            return ""
        data = self._data.get(source[4:])
        if not data:
            self.left_out += 1
            return ""
        return _SRC.sub(f' src="{data}"', image)

    def _file(self, image: str) -> Attachment | None:
        source = _source(image)
        if not source.lower().startswith("cid:"):
            return None
        file = self._files.get(source[4:])
        # A type that a browser may execute is not shown as a picture, whatever the mail declares.
        return file if file and file.type.startswith("image/") and file.type in SERVED else None


def _source(image: str) -> str:
    found = _SRC.search(image)
    return unescape(found[1]) if found else ""


def _data(file: Attachment) -> str:
    """A picture as `data:`; empty if its object is gone."""
    try:
        return f"data:{file.type};base64,{b64encode(objects.get(file.object)).decode()}"
    except NotFound:
        return ""


def show(entry: Entry) -> Response:
    """The body, and separately the quoted part; `remote` and `left_out` count pictures that are not
    shown: remote ones, and those that are missing or too large.
    """
    body, quoted = (_html(part) for part in (entry.body, Body(entry.quoted, entry.body.format)))
    pictures = _Pictures(entry)
    pictures.read(body, quoted)
    shown = {
        "html": pictures.within(body),
        "quoted": pictures.within(quoted),
        "remote": pictures.remote,
        "left_out": pictures.left_out,
    }
    return answers.fitting(as_json(shown), f"{entry.id}.json")


def _html(body: Body) -> str:
    """A body cleaned again, so that newer rules of the cleaner apply to older bodies, too."""
    if body.format != "html":
        return escape(text.as_plain(body)).replace("\n", "<br>")
    return text.as_html(text.sanitize(body)[0])
