"""Splits a mail into its parts, even if boundaries are damaged or missing.

One pass over the bytes, without copying them and without recursion. An enclosed message is one part
and is not split, so that it can be kept byte for byte (docs/decisions/0012).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from helpdesk.mail.parsing.header_block import LONGEST_HEADER, HeaderReader
from helpdesk.mail_syntax import transfer
from helpdesk.mail_syntax.headers import Header, parameters

DEEPEST = 50
"""Levels of multiparts that are split; a multipart below them stays one part."""

MOST_PARTS = 2_000
"""Parts that are read at most; nobody sends so many."""

_MOST_DASHES = 500_000
"""Most lines beginning with two dashes that are compared with the boundaries."""

_LONGEST_BOUNDARY = 1_000

MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass
class Part:
    """One part of a mail: its header, and the position of its body in `raw`. A multipart has
    `children`; its own body is the text before the first child, `after` the text after the last.
    """

    raw: bytes
    header: Header
    type: str
    parameters: Mapping[str, str]
    begin: int
    start: int
    end: int
    level: int = 0
    children: list["Part"] = field(default_factory=list)
    after: list[bytes] = field(default_factory=list)
    closed: bool = False
    boundary: bytes = b""

    @property
    def body(self) -> bytes:
        """The body as received."""
        return self.raw[self.start : self.end]

    @property
    def whole(self) -> bytes:
        """Header and body as received."""
        return self.raw[self.begin : self.end]

    @cached_property
    def content(self) -> tuple[bytes, bytes]:
        """The body without its transfer encoding, and the unencoded text after it."""
        return transfer.decode(self.body, self.encoding)

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding, in lower case."""
        return parameters(self.header.first("content-transfer-encoding"))[0]

    @property
    def charset(self) -> str:
        """The charset that the part names, if any."""
        named = re.split(r"[\s;,]", self.parameters.get("charset", "").strip("'\" "))
        return named[0]

    def walk(self) -> Iterator["Part"]:
        """This part and all parts below it, in the order of the mail."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting += reversed(part.children)


@dataclass(frozen=True)
class Tree:
    """A mail as parts; `missing` says what is not in any of them, and why; empty for nothing."""

    root: Part
    missing: str = ""


def split(raw: bytes) -> Tree:
    """The parts of a mail. Every byte of a body is in one of them, or `missing` is set."""
    tree = _Splitter(raw).run()
    root = tree.root
    if root.type.startswith("multipart/") and not root.children:
        content = transfer.decode(root.body, root.encoding)[0]
        if content != root.body:
            # The whole multipart was encoded, which RFC 2045, 6.4, forbids.
            named = dict(root.header.fields)["content-type"]
            head = b"Content-Type:%s\n\n" % named
            inner = _Splitter(head + content).run()
            if inner.root.children:
                root.children = inner.root.children
                return Tree(root, tree.missing or inner.missing)
    return tree


# --- parts ----------------------------------------------------------------------------------

_DASHES = re.compile(rb"^--(\S[^\r\n]*)", re.MULTILINE)
_HEADER_FOLLOWS = re.compile(rb"[^\n]*\n(?:content-[a-z-]+|mime-version)[ \t]*:", re.IGNORECASE)
_MIXED = "multipart/mixed"
# The longest names that RFC 6838, 4.2, allows.
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


def _type_of(header: Header, default: str) -> tuple[str, Mapping[str, str]]:
    """The type that the header names, or the default; a multipart where it names several."""
    named = [parameters(value) for value in header.bytes_of("content-type")]
    # A multipart without subtype, such as `multipart` or `multipart/*`, counts as mixed.
    named = [
        (_MIXED if main.startswith("multipart") and not _TYPE.fullmatch(main) else main, found)
        for main, found in named
    ]
    proper = [(main, found) for main, found in named if _TYPE.fullmatch(main)]
    multiparts = [(main, found) for main, found in proper if main.startswith("multipart/")]
    if multiparts or proper:
        return (multiparts or proper)[0]
    # An unknown type is treated as text (RFC 2045, 5.2).
    return ("text/plain", named[0][1]) if named else (default, {})


class _Splitter:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._missing = ""
        self._count = 0
        # The multiparts around the current position, outermost first, and their levels by boundary.
        self._open: list[Part] = []
        self._levels: dict[bytes, list[int]] = {}
        # What is being read: a body, or the text after the last part of a multipart.
        self._part: Part
        self._from = 0
        self._behind = False
        self._dashes: list[tuple[int, int, bytes]] | None = None
        self._last_seen: dict[bytes, int] = {}
        self._likely: list[tuple[int, bytes]] = []

    def run(self) -> Tree:
        root = self._begin(0, "text/plain")
        if self._open:
            self._read_parts()
        self._end(len(self._raw), 0)
        return Tree(root, self._missing)

    def _read_parts(self) -> None:
        for start, end, token in self._all_dashes():
            # Lines of a header have been read already.
            found = self._find(token) if start >= self._from else None
            if found is None:
                continue
            level, last = found
            if not last and self._count >= MOST_PARTS:
                self._missing = f"more than {MOST_PARTS} parts"
                break
            self._end(start, level + 1)
            parent = self._open[level]
            parent.closed = last
            following = self._raw.find(b"\n", end) + 1 or len(self._raw)
            if last:
                self._part, self._from, self._behind = parent, following, True
            else:
                default = "message/rfc822" if parent.type == "multipart/digest" else "text/plain"
                parent.children.append(self._begin(following, default))

    def _all_dashes(self) -> list[tuple[int, int, bytes]]:
        if self._dashes is None:
            self._dashes = []
            for found in _DASHES.finditer(self._raw):
                if len(self._dashes) >= _MOST_DASHES:
                    self._missing = f"more than {_MOST_DASHES} lines that could be boundaries"
                    break
                if found.end() - found.start() > _LONGEST_BOUNDARY:
                    continue
                token = found[1].rstrip()
                self._dashes.append((found.start(), found.end(), token))
                self._last_seen[token] = found.start()
                if _HEADER_FOLLOWS.match(self._raw, found.end()):
                    self._likely.append((found.start(), token))
        return self._dashes

    def _find(self, token: bytes) -> tuple[int, bool] | None:
        """The open multipart that the boundary belongs to, and whether it is its last boundary. The
        innermost that is not closed, since some mailers use one boundary for several levels; else
        one that continues although it is closed.
        """
        levels = self._levels.get(token, ())
        unclosed = [level for level in levels if not self._open[level].closed]
        if unclosed:
            return unclosed[-1], False
        if token.endswith(b"--"):
            closing = self._levels.get(token[:-2], ())
            unclosed = [level for level in closing if not self._open[level].closed]
            if unclosed:
                return unclosed[-1], True
        return (levels[-1], False) if levels else None

    def _begin(self, at: int, default: str) -> Part:
        reader = HeaderReader(self._raw, at, self._levels)
        header, start = reader.read()
        if reader.cut:
            self._missing = f"a header of more than {LONGEST_HEADER} bytes"
        kind, named = _type_of(header, default)
        part = Part(self._raw, header, kind, named, at, start, start, len(self._open))
        self._count += 1
        self._part, self._from, self._behind = part, start, False
        part.boundary = self._boundary_of(part)
        if part.boundary and part.level < DEEPEST:
            self._levels.setdefault(part.boundary, []).append(part.level)
            self._open.append(part)
        return part

    def _boundary_of(self, part: Part) -> bytes:
        if not part.type.startswith("multipart/"):
            if part.level or part.header.all("content-type"):
                return b""
            # The Content-Type may have been lost on the way.
            guessed = self._guess(part.start)
            if guessed is None or self._raw[part.start : guessed[0]].strip():
                return b""
            part.type = _MIXED
            return guessed[1]
        boundary = part.parameters.get("boundary", "").rstrip().encode("latin-1", "replace")
        self._all_dashes()
        if boundary and any(
            self._last_seen.get(token, -1) >= part.start for token in (boundary, boundary + b"--")
        ):
            return boundary
        guessed = self._guess(part.start)
        return guessed[1] if guessed else boundary

    def _guess(self, at: int) -> tuple[int, bytes] | None:
        """The next line that looks like a boundary, since a part's header follows."""
        self._all_dashes()
        index = bisect_left(self._likely, (at, b""))
        found = self._likely[index] if index < len(self._likely) else None
        return None if found is None or found[1] in self._levels else found

    def _end(self, at: int, level: int) -> None:
        """Ends the current body, and every multipart at this level or below."""
        if self._raw.endswith(b"\n", self._from, at) and at < len(self._raw):
            # The line break before a boundary belongs to it (RFC 2046, 5.1.1).
            at -= 1
            at -= self._raw.endswith(b"\r", self._from, at)
        if self._behind:
            self._part.after.append(self._raw[self._from : at])
        else:
            self._part.end = max(self._from, at)
        for part in self._open[level:]:
            levels = self._levels[part.boundary]
            levels.remove(part.level)
            if not levels:
                del self._levels[part.boundary]
        del self._open[level:]
