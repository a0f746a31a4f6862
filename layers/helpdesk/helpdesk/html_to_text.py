"""Clean HTML as plain text, for the text part of mails and for search."""

import re
from html.parser import HTMLParser

_BLANKS = re.compile(r"[^\S\xa0]+")
"""White space that HTML shows as one blank. Non-breaking spaces stay: they indent code."""


def convert(html: str) -> str:
    """The plain text of HTML that `text.clean` has produced: blocks on separate lines, list items
    with a star, links followed by their address; indentation is kept.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.parts).split("\n")
    lines = [_BLANKS.sub(" ", line).strip(" ").rstrip() for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").replace("\xa0", " ")


_APART = frozenset(
    [
        "blockquote",
        "dl",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ol",
        "p",
        "pre",
        "table",
        "ul",
    ]
)
_BLOCKS = _APART | {
    "address",
    "article",
    "aside",
    "center",
    "dd",
    "details",
    "div",
    "dt",
    "figcaption",
    "footer",
    "header",
    "hr",
    "main",
    "nav",
    "section",
    "summary",
    "tr",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _APART else "\n")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n* ")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag == "img":
            self.parts.append(values.get("alt") or "")
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self.parts)))
        self._verbatim += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            href, start = self._links.pop()
            address = href.removeprefix("mailto:")
            if address and address != "".join(self.parts[start:]).strip():
                self.parts.append(f" <{address}>")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _APART else "\n")
        self._verbatim -= tag == "pre"

    def handle_data(self, data: str) -> None:
        if self._verbatim > 0:
            self.parts.append(data.replace("\t", "    ").replace(" ", "\xa0"))
        else:
            self.parts.append(_BLANKS.sub(" ", data))
