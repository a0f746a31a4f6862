"""Finds the fields of a header block and its end, even if the blank line is missing."""

import re
from collections.abc import Container

from helpdesk.mail_syntax.headers import Header

LONGEST_HEADER = 1 << 18
"""Bytes of one header block that are read."""

_FIELD = re.compile(rb"(?!--)([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_ENVELOPE = re.compile(rb">?From ")
# Known mail fields. Others count as text if no blank line ends the header.
_KNOWN = re.compile(
    rb"(?:x-|content-|list-|resent-|arc-|dkim-|domainkey-|authentication-|mime-|ms-|thread-|auto-|"
    rb"disposition-|original-|delivered-|envelope-|return-|reply-|in-reply-|received|"
    rb"(?:from|sender|to|cc|bcc|subject|date|message-id|references|comments|keywords|precedence|"
    rb"priority|importance|sensitivity|organization|organisation|user-agent|status|lines|errors-to|"
    rb"apparently-to|accept-language|feedback-id|autocrypt|supersedes|newsgroups|path|mailing-list|"
    rb"face|bounces-to|expires|encrypted|require-recipient-valid-since|tls-required)$)",
    re.IGNORECASE,
)
# Fields that prove that the lines before them belong to the header.
_ESSENTIAL = re.compile(
    rb"(from|subject|mime-version|content-type|message-id|received)[ \t]*:", re.IGNORECASE
)
_LOOK_AHEAD = 30
_LONGEST_JUNK = 200
# Fields with parameters, and continuation lines of these.
_PARAMETRIC = re.compile(rb"content-(?:type|disposition)", re.IGNORECASE)
_PARAMETER = re.compile(rb"[\w*.-]+[ \t]*=")
_KNOWN_PARAMETER = re.compile(
    rb"(?:boundary|charset|name|filename|format|delsp|type|protocol|micalg|report-type|smime-type)"
    rb"\*?[ \t]*=",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(rb"\n\r?\n")


class HeaderReader:
    """Reads one header block, which ends at a blank line, at text, at a boundary or at the end."""

    def __init__(self, raw: bytes, at: int, open_boundaries: Container[bytes]) -> None:
        self._raw = raw
        self._at = at
        self._limit = at + LONGEST_HEADER
        self._open = open_boundaries
        self._fields: list[tuple[bytes, list[bytes], int]] = []
        self._seen: set[bytes] = set()
        # The position up to which lines certainly belong to the block.
        self._sure = at
        self.cut = False

    def read(self) -> tuple[Header, int]:
        """The header, and where the body begins."""
        ended = False
        while not ended and self._at < len(self._raw):
            if self._at >= self._limit:
                self.cut = True
                break
            line, following = self._line(self._at)
            if not line.strip():
                # A line of only blanks ends the header, unless more fields follow.
                ended = not line or not self._goes_on(following)
            elif not self._take(line):
                break
            self._at = following
        if self.cut:
            blank = _BLANK_LINE.search(self._raw, self._at)
            self._at = blank.end() if blank else len(self._raw)
        elif not ended:
            self._give_back()
        fields = tuple(
            (name.decode("ascii").lower(), b"\n".join(lines)) for name, lines, _ in self._fields
        )
        return Header(fields), self._at

    def _line(self, at: int) -> tuple[bytes, int]:
        end = self._raw.find(b"\n", at, self._limit)
        if end < 0:
            end = min(len(self._raw), self._limit)
            return self._raw[at:end].rstrip(b"\r"), end
        return self._raw[at:end].rstrip(b"\r"), end + 1

    def _take(self, line: bytes) -> bool:
        """Adds a line to the header; false if it does not belong there."""
        if line[:1] in {b" ", b"\t"}:
            if self._fields:
                self._fields[-1][1].append(line)
            return bool(self._fields)
        if line.startswith(b"--") and line[2:].rstrip().removesuffix(b"--") in self._open:
            return False
        if found := _FIELD.match(line):
            self._fields.append((found[1], [found[2]], self._at))
            self._seen.add(found[1].lower())
            return True
        if not self._fields:
            return _ENVELOPE.match(line) is not None or self._is_junk(line)
        if self._is_parameter(line) or self._more_follows():
            # A long field that was folded without the leading blank on its next line.
            self._fields[-1][1].append(b" " + line)
            return True
        return False

    def _is_junk(self, line: bytes) -> bool:
        """Whether a first line is neither text nor a field, and the actual header follows."""
        if self._at or len(line) > _LONGEST_JUNK:
            return False
        return _ESSENTIAL.match(self._line(self._line(self._at)[1])[0]) is not None

    def _is_parameter(self, line: bytes) -> bool:
        """Whether a line continues the parameters of the previous field."""
        name, lines, _ = self._fields[-1]
        if not _PARAMETRIC.fullmatch(name):
            return False
        open_ended = lines[-1].rstrip().endswith(b";")
        return (_PARAMETER if open_ended else _KNOWN_PARAMETER).match(line) is not None

    def _goes_on(self, at: int) -> bool:
        for _ in range(_LOOK_AHEAD):
            line, at = self._line(at)
            if line[:1] not in {b" ", b"\t"}:
                found = _FIELD.match(line)
                return found is not None and _KNOWN.match(found[1]) is not None
        return False

    def _more_follows(self) -> bool:
        at = self._at
        for _ in range(_LOOK_AHEAD if at >= self._sure else 0):
            line, at = self._line(at)
            found = _ESSENTIAL.match(line)
            if found and (found[1].lower() == b"received" or found[1].lower() not in self._seen):
                self._sure = at
            if found or not line.strip():
                break
        return self._at < self._sure

    def _give_back(self) -> None:
        # Without a blank line, what looks like a field may be the first line of the text.
        while self._fields and not _KNOWN.match(self._fields[-1][0]):
            self._at = self._fields.pop()[2]


def read_header(raw: bytes) -> Header:
    """The header of a mail alone."""
    return HeaderReader(raw, 0, ()).read()[0]
