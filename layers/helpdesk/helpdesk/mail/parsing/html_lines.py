"""Converts HTML to its visible lines, each with the quote marks that mail programs set by tags. One
pass over the tags, in linear time, even with unclosed elements.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

_TAG = re.compile(r"<(/?)([a-zA-Z!][^\s/>]*)[^>]*>?")
_UNSEEN = frozenset({"head", "script", "style", "title"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "code", "em", "font", "i", "img", "input", "label"}
    | {"o:p", "s", "small", "span", "strike", "strong", "sub", "sup", "td", "th", "tt", "u", "wbr"}
)
_VOID = frozenset({"br", "hr", "img", "input", "wbr", "meta", "link", "base", "col", "area", "!--"})
_LONGEST_TAG = 1_000

_QUOTE = re.compile(
    r"<blockquote\b[^>]*(?:\btype=[\"']?cite\b|\bclass=[\"'][^\"'>]*(?:gmail_quote|protonmail_quote"
    r"|tutanota_quote)|\bid=[\"']?isReplyContent|border-left:)"  # 163, mail.ru, Zimbra, Outlook
    r"|<div\b[^>]*\bclass=[\"'](?:[^\"'>]* )?(?:\w*yahoo_quoted|tutanota_quote|zmail_extra)[\"' ]"
    r"|<div\b[^>]*\bid=[\"']?(?:\w*yahoo_quoted|mail-editor-reference-message-container"
    r"|ms-outlook-mobile-reference-message|OLK_SRC_BODY_SECTION)"
    r"|<div\b[^>]*\bname=[\"']?(?:messageReplySection|quote[\"' >])"  # Spark; GMX and web.de
    r"|<includetail\b",  # QQ
    re.IGNORECASE,
)
"""Elements that contain a quoted mail and nothing else."""

_LOOSE = re.compile(
    r"<div\b[^>]*\bclass=[\"'](?:[^\"'>]* )?(?:gmail_quote|gmail_quote_container|protonmail_quote)"
    r"[\"' ]",
    re.IGNORECASE,
)
"""Elements with an introduction and a quote, in which people also write below the quote."""

_PLAIN_QUOTE = re.compile(r"<blockquote\b", re.IGNORECASE)
"""Quotes only with further evidence, since people use them in their own text, too."""

_BEGINS = re.compile(
    r"<div\b[^>]*\bid=[\"']?(?:divRplyFwdMsg|appendonsend)"
    r"|<div\b[^>]*\bclass=[\"']?OutlookMessageHeader"
    r"|<div\b[^>]*\bborder-top:\s?(?:1(?:\.0)?pt solid\b|solid [^;\"'>]{1,30} 1(?:\.0)?pt)"
    r"|<hr\b[^>]*\bid=[\"']?(?:stopSpelling|zwchr)",  # Outlook.com, as it was; Zimbra
    re.IGNORECASE,
)
"""Tags after which everything is a quoted mail."""

_SIGNATURE = re.compile(
    r"<div\b[^>]*(?:\bclass=[\"'][^\"'>]*(?:gmail_signature|moz-signature)"
    r"|\bid=[\"']?(?:Signature\b|ms-outlook-mobile-signature|composer_signature))",
    re.IGNORECASE,
)

_NONE, _IN_LOOSE, _IN_PLAIN, _IN_QUOTE, _IN_SIGNATURE = range(5)


class Line(NamedTuple):
    """A visible line, and where it starts. `quoted` tells that it is marked as quoted, `surely`
    that the mark is never used for one's own text. `begins` tells that an unmarked quoted mail
    begins with it.
    """

    start: int
    text: str
    quoted: bool = False
    surely: bool = False
    begins: bool = False
    signature: bool = False


class _Scan:
    """The open elements, and the line being built."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []
        self._names: dict[str, int] = {}
        self._kinds = [0, 0, 0, 0, 0]
        # Elements of _LOOSE whose quote has ended: what follows was written below the quote.
        self._spent = 0
        self.start = -1
        self.begins = False
        self._words: list[str] = []

    def take_in(self, tag: "_Tag") -> None:
        """Processes the start or the end of an element."""
        if tag.closing:
            self._end(tag.name)
        else:
            self._begin(tag.name, tag.source, tag.start)

    def _begin(self, name: str, source: str, at: int) -> None:
        if self.start < 0 and name not in _VOID:
            self.start = at
        if _BEGINS.match(source):
            self.begins = True
            self.start = at
        if name in _VOID:
            return
        kind = _kind(source)
        if kind:
            self.start = at
        self._open.append((name, kind))
        self._names[name] = self._names.get(name, 0) + 1
        self._kinds[kind] += 1

    def _end(self, name: str) -> None:
        """Ends an element, and unclosed ones inside."""
        while self._names.get(name, 0):
            last, kind = self._open.pop()
            self._names[last] -= 1
            self._kinds[kind] -= 1
            if kind in {_IN_QUOTE, _IN_PLAIN} and not self._is_in_quote():
                self._spent = self._kinds[_IN_LOOSE]
            elif kind == _IN_LOOSE:
                self._spent = min(self._spent, self._kinds[_IN_LOOSE])
            if last == name:
                return

    def add(self, words: str, at: int) -> None:
        """Adds text to the line."""
        if self.start < 0 and words.strip():
            self.start = at
        self._words.append(words)

    def take(self, end: int) -> Line | None:
        """The line that ends here, if there is anything in it."""
        text = " ".join(unescape("".join(self._words)).split())
        self._words.clear()
        if not text and not self.begins:
            return None
        surely = bool(self._kinds[_IN_QUOTE] or self._kinds[_IN_LOOSE] > self._spent)
        line = Line(
            self.start if self.start >= 0 else end,
            text,
            quoted=surely or bool(self._kinds[_IN_PLAIN]),
            surely=surely,
            begins=self.begins,
            signature=bool(self._kinds[_IN_SIGNATURE]),
        )
        self.start, self.begins = -1, False
        return line

    def _is_in_quote(self) -> bool:
        return bool(self._kinds[_IN_QUOTE] or self._kinds[_IN_PLAIN])


def _kind(source: str) -> int:
    if _QUOTE.match(source):
        return _IN_QUOTE
    if _LOOSE.match(source):
        return _IN_LOOSE
    if _PLAIN_QUOTE.match(source):
        return _IN_PLAIN
    return _IN_SIGNATURE if _SIGNATURE.match(source) else _NONE


RULE = "_____"
"""The text that represents a rule (`<hr>`)."""


def lines(html: str) -> list[Line]:
    """The visible lines of HTML, each starting at the tag that begins it."""
    return list(_lines(html))


def _lines(html: str) -> Iterator[Line]:
    scan, at = _Scan(), 0
    for tag in _seen_tags(html):
        scan.add(tag.before, at)
        at = tag.end
        if (tag.name not in _INLINE or _SIGNATURE.match(tag.source)) and (
            line := scan.take(tag.start)
        ):
            yield line
        scan.take_in(tag)
        if tag.name == "hr":
            scan.add(RULE, tag.start)
            yield from filter(None, [scan.take(tag.end)])
    yield from filter(None, [scan.take(len(html))])


class _Tag(NamedTuple):
    """A tag, and the visible text before it; without a name, the end of the HTML."""

    before: str
    name: str
    closing: bool
    source: str
    start: int
    end: int


def _seen_tags(html: str) -> Iterator[_Tag]:
    """The tags, without those inside invisible elements."""
    at, unseen = 0, ""
    for found in _TAG.finditer(html):
        name, closing = found[2].lower(), bool(found[1])
        before, at = "" if unseen else html[at : found.start()], found.end()
        if unseen:
            unseen = "" if closing and name == unseen else unseen
            continue
        name = "!--" if name.startswith("!--") else name
        yield _Tag(before, name, closing, found[0][:_LONGEST_TAG], found.start(), found.end())
        if not closing and name in _UNSEEN:
            unseen = name
    if not unseen:
        yield _Tag(html[at:], "!--", closing=True, source="", start=len(html), end=len(html))


def has_words(html: str) -> bool:
    """Whether there is visible content."""
    return any(line.text.strip("_ ") for line in _lines(html)) or _IMG.search(html) is not None


_IMG = re.compile(r"<img\b", re.IGNORECASE)
