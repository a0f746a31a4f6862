"""Splits a reply into its new text and the quoted mail.

Only the end of a body is cut, and only if it is certainly a quote: text that is not marked as
quoted stays, even between or below quoted lines. The quote is kept separately (docs/mail.md). No
library is used: the only one takes a minute for four pages of `On x` (docs/decisions/0012).

HTML and plain text are both converted to lines with marks, so that the same rules apply to both.
"""

import re
from collections.abc import Collection, Sequence

from helpdesk.mail.parsing import html_lines, phrases
from helpdesk.mail.parsing.html_lines import Line
from helpdesk.model.entries import Body

LONGEST_LOOK = 1_000_000
"""Characters of the longest body that is searched for quotes; no reply is longer."""

_FORWARDED = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|vb|pd|i|пересл|转发|轉寄)\s*[:\uff1a]", re.IGNORECASE
)


def is_forward(subject: str) -> bool:
    """Whether the subject marks a forwarded mail, whose quoted mail is its content."""
    return _FORWARDED.match(subject) is not None


def split(
    body: Body, separator: str, *, reply: bool, domains: Collection[str] = ()
) -> tuple[str, str]:
    """Splits the body's text where the quoted mail begins; both parts together are the whole. Text
    above the separator line is new in any mail (docs/osticket.md 4.1). Other quotes are searched in
    a `reply` only. `domains` are those of the mail's recipients: a quote without marks is
    recognised if its introduction names one of these. A body that would be empty, or only an
    introduction, is not cut: the answer is below the quote.
    """
    whole = body.text
    if len(whole) > LONGEST_LOOK:
        return whole, ""
    lines = html_lines.lines(whole) if body.format == "html" else _text_lines(whole)
    first = _first_hidden(lines, separator, domains, reply=reply)
    if first is None or not _says_something(lines[:first], html=body.format == "html"):
        return whole, ""
    cut = lines[first].start
    return whole[:cut], whole[cut:]


def split_returned(whole: str) -> tuple[str, str]:
    """Splits a bounce that is not a MIME report into its own text and the returned mail."""
    found = _RETURNED.search(whole)
    return (whole[: found.start()], whole[found.start() :]) if found else (whole, "")


_RETURNED = re.compile(
    r"^[ \t]*-{2,} ?(?:Below this line is a copy of the message"  # qmail
    r"|This is a copy of (?:the|your) message"  # Exim
    r"|(?:Unsent message|Message header|Message) follows"  # sendmail and its kin
    r"|The header of the original message is following"  # Exchange
    r"|Original message) ?\.?[^\n]*$",  # Gmail
    re.MULTILINE | re.IGNORECASE,
)


def has_words(html: str) -> bool:
    """Whether there is visible content; HTML of `LONGEST_LOOK` or more is assumed to have some."""
    return len(html) > LONGEST_LOOK or html_lines.has_words(html)


# --- lines ----------------------------------------------------------------------------------

_LONGEST_LINE = 600
_HEIGHT = 4
"""Most lines over which an introduction may be wrapped."""

_FIELD_LINES = 10
_RULE = re.compile(r"[\s_=*-]*")


def _text_lines(whole: str) -> list[Line]:
    lines, start = [], 0
    for text in whole.split("\n"):
        quoted = text.lstrip().startswith(">")
        lines.append(Line(start, text.strip(), quoted=quoted))
        start += len(text) + 1
    return lines


def _says_something(lines: Sequence[Line], *, html: bool) -> bool:
    """Whether there is more above a quote than an introduction in an unknown language. If that is
    the sender's own `See here:`, showing the quote does no harm.
    """
    said = [line.text for line in lines if line.text.strip("_ ")]
    if html:
        return bool(said)
    return bool(said) and (len(said) > 3 or not said[-1].endswith((":", "\uff1a")))


def _first_hidden(
    lines: Sequence[Line], separator: str, domains: Collection[str], *, reply: bool
) -> int | None:
    """The first line of the quote that extends to the end; None if there is none."""
    at = _find_separator(lines, separator)
    starts: list[int | None] = []
    if at is not None and not lines[at].quoted:
        starts.append(_above(lines, at))
    if at is not None or reply:
        starts.append(_trailing_quote(lines, at))
    if reply:
        starts.append(_unmarked_quote(lines, domains))
    found = [start for start in starts if start is not None]
    return min(found) if found else None


def _find_separator(lines: Sequence[Line], separator: str) -> int | None:
    """The line on which the separator begins; mail programs may wrap it and insert marks."""
    words = separator.split()
    if not words:
        return None
    pattern = re.compile(r"[\s>]+".join(map(re.escape, words)), re.IGNORECASE)
    found = pattern.search("\n".join(line.text for line in lines))
    return found.string.count("\n", 0, found.start()) if found else None


# --- a quote with marks ---------------------------------------------------------------------


def _trailing_quote(lines: Sequence[Line], separator: int | None) -> int | None:
    """The first of the marked lines at the end of the mail, including their introduction."""
    end = _above_signature(lines)
    start = end
    while start and (not lines[start - 1].text or lines[start - 1].quoted):
        start -= 1
    quoted = [line for line in lines[start:end] if line.quoted]
    if not quoted or _is_forward_banner(quoted[0].text):
        return None
    above = _above(lines, start)
    has_separator = separator is not None and start <= separator < end
    introduced = above < start or phrases.introduces(phrases.clean(quoted[0].text.lstrip("> ")))
    # One line of text with a mark, or a plain element, may be the sender's own.
    marked = any(line.surely for line in quoted) or (
        len(quoted) > 1 and quoted[0].text.startswith(">")
    )
    return above if has_separator or introduced or marked else None


_SIGNATURE_LINES = 15


def _above_signature(lines: Sequence[Line]) -> int:
    """The end of the lines above a signature that follows a quote; else the end of all lines."""
    last = len(lines)
    while last and not lines[last - 1].quoted:
        last -= 1
    below = [line for line in lines[last:] if line.text]
    if not last or not below or len(below) > _SIGNATURE_LINES:
        return len(lines)
    first = below[0].text
    signed = (
        first == "--"
        or all(line.signature for line in below)
        or (len(below) <= 2 and phrases.SIGNED_BY_PROGRAM.match(first) is not None)
    )
    return last if signed else len(lines)


def _above(lines: Sequence[Line], at: int) -> int:
    """The first line of the quote that extends to line `at`, including its introduction."""
    while at and (not lines[at - 1].text or lines[at - 1].quoted):
        at -= 1
    for height in range(1, _HEIGHT + 1):
        if height <= at and _introduces(lines[at - height : at]):
            return _above_banner(lines, at - height)
    for start in range(max(0, at - _FIELD_LINES), at):
        if _begins_quote(lines, start):
            return _above_rule(lines, start)
    return at


def _introduces(lines: Sequence[Line]) -> bool:
    joined = _joined(lines)
    return len(joined) <= _LONGEST_LINE and phrases.introduces(joined)


def _joined(lines: Sequence[Line]) -> str:
    return phrases.clean(" ".join(line.text[: _LONGEST_LINE + 1].lstrip("> ") for line in lines))


# --- a quote without marks ------------------------------------------------------------------


def _unmarked_quote(lines: Sequence[Line], domains: Collection[str]) -> int | None:
    """The first line of a mail that is quoted without marks, as by Outlook and phones. Not if there
    are marks further down: then the marks determine the quote.
    """
    marked = max((at for at, line in enumerate(lines) if line.quoted), default=-1)
    for at, line in enumerate(lines):
        if not line.text and not line.begins:
            continue
        if line.quoted or len(line.text) > _LONGEST_LINE:
            continue
        if _is_forward_banner(line.text):
            return None
        if _begins_quote(lines, at) and not _marks_follow(lines, at):
            return _above_rule(lines, at)
        if at > marked and line.text.endswith((":", "\uff1a", "----")):
            for height in range(1, min(_HEIGHT, at + 1) + 1):
                around = lines[at - height + 1 : at + 1]
                named = phrases.addressed_domains(_joined(around))
                if not named.isdisjoint(domains) and _introduces(around):
                    return _above_banner(lines, at - height + 1)
    return None


def _begins_quote(lines: Sequence[Line], at: int) -> bool:
    """Whether a quoted mail begins on this line, ignoring marks below."""
    line = lines[at]
    if line.quoted:
        return False
    return line.begins or _is_banner(line.text) or _is_header(lines, at)


def _is_banner(text: str) -> bool:
    bare = phrases.clean(text).strip("-\u2013\u2014_=*<> ")
    return (
        text.lstrip("*> ").startswith(("--", "__", "==", "\u2014"))
        and bare.casefold() in phrases.BANNERS
    )


def _is_forward_banner(text: str) -> bool:
    bare = phrases.clean(text).strip("-\u2013\u2014_=*<> ").casefold()
    alone = text.startswith(("--", "__", "==", "\u2014")) or bare.endswith(":")
    return alone and bare.startswith(phrases.FORWARDED)


def _is_header(lines: Sequence[Line], at: int) -> bool:
    """Whether the header of a mail begins here: sender, and two of date, recipients, subject."""
    found: list[frozenset[str]] = []
    for line in lines[at : at + _FIELD_LINES]:
        kinds = _label_of(line)
        if kinds:
            found.append(kinds)
        elif not found or (not line.text and len(found) > 2):
            break
    named = {kind for kinds in found for kind in kinds}
    if "from" not in named or len(found) < 3 or named.isdisjoint({"date", "subject"}):
        return False
    # Preceded by nothing or a blank line or rule, or too complete to be written by hand.
    alone = not at or not lines[at - 1].text or _RULE.fullmatch(lines[at - 1].text) is not None
    return alone or named >= {"from", "date", "subject"}


def _label_of(line: Line) -> frozenset[str]:
    label, colon, value = phrases.clean(line.text[:_LONGEST_LINE]).partition(":")
    if not colon or not value.strip("* "):
        return frozenset()
    return phrases.LABELS.get(label.strip("*> ").casefold(), frozenset())


def _marks_follow(lines: Sequence[Line], at: int) -> bool:
    """Whether marked lines follow the header that begins on this line."""
    for line in lines[at : at + _FIELD_LINES]:
        if line.quoted:
            return True
        of_header = line.begins or _is_banner(line.text) or _label_of(line)
        if not of_header and not _RULE.fullmatch(line.text):
            return False
    return False


def _above_banner(lines: Sequence[Line], at: int) -> int:
    above = at
    while above and not lines[above - 1].text:
        above -= 1
    return _above_rule(lines, above - 1) if above and _is_banner(lines[above - 1].text) else at


def _above_rule(lines: Sequence[Line], at: int) -> int:
    while at and _RULE.fullmatch(lines[at - 1].text[:_LONGEST_LINE]) and not lines[at - 1].quoted:
        at -= 1
    return at
