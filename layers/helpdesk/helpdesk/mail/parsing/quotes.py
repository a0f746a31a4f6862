"""Splits a reply into what is new and the quoted mail.

Only the end of a body is cut, and only where it is surely a quote: where somebody answered between
the lines, or wrote below them, everything stays. The quote is kept beside the body (docs/mail.md).
Not done by a library: the only one takes a minute for four pages of `On x` (docs/decisions/0012).
"""

import re
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from helpdesk.model.entries import Body

LONGEST_LOOK = 1_000_000
"""Characters of the longest body in which quotes are looked for; no reply is longer."""

_FORWARDED = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|vb|pd|i|пересл|转发|轉寄)\s*[:\uff1a]", re.IGNORECASE
)


def is_forward(subject: str) -> bool:
    """Whether the subject says that the mail was forwarded, so that the quoted mail matters."""
    return _FORWARDED.match(subject) is not None


def split(body: Body, separator: str, *, reply: bool) -> tuple[str, str]:
    """The body's text, cut where the quoted mail begins; both together are the whole.

    Above the separator line is new, whatever the mail is (docs/osticket.md 4.1). Everything else
    is looked for in a `reply` only. A body that would be empty, or say no more than who wrote, is
    not cut: the answer is below.
    """
    whole = body.text
    cut = len(whole)
    if len(whole) <= LONGEST_LOOK:
        cut = (_in_html if body.format == "html" else _in_text)(whole, separator, reply)
    if cut == len(whole):
        return whole, ""
    says = has_words if body.format == "html" else _says_something
    said = says(whole[:cut])
    return (whole[:cut], whole[cut:]) if said else (whole, "")


def split_returned(whole: str) -> tuple[str, str]:
    """Splits a bounce that is no report into its own words and the returned mail."""
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

# --- plain text -----------------------------------------------------------------------------

# Who wrote when, in the languages whose mail programs say so. Always with a date or a time.
_WROTE = re.compile(
    r"(?:(?:On|Am|Le|El|Il|Op|Em|Den|Dne|Dnia|W dniu|Il giorno|Den)\b.{5,300}?\b(?:wrote|schrieb"
    r"|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napsal|napisał|pisze)\b.{0,200}?"
    r"|.{5,300}?(?:пишет|написал|kirjoitti|写道|寫道|님이 작성|şun(?:u|lar\u0131) yazd\u0131)"
    r".{0,100}?"
    r"|\d{4}年\d{1,2}月\d{1,2}日.{0,300}?)\s*[:\uff1a]"
)
_DATED = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}")
_ORIGINAL = re.compile(
    r"[ \t]*-{2,} ?(?:Original Message|Ursprüngliche Nachricht|Original-Nachricht"
    r"|Message d'origine|Mensaje original|Mensagem original|Messaggio originale"
    r"|Oorspronkelijk bericht|Ursprungligt meddelande|Oprindelig meddelelse|Opprinnelig melding"
    r"|Wiadomość oryginalna|Původní zpráva|Исходное сообщение|原始邮件|元のメッセージ) ?-{2,}\s*",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"[* >]*(?:From|Von|De|Da|Van|Från|Fra|Od|Lähettäjä|От|Kimden|发件人|寄件者|差出人|보낸 사람)"
    r"\s?\*?[:\uff1a]\*?\s*\S"
)
_OTHER_FIELDS = (
    re.compile(
        r"[* >]*(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Fecha|Inviato|Data|Verzonden|Skickat"
        r"|Sendt|Wysłano|Odesláno|Lähetetty|Отправлено|Дата|发送时间|日期|送信日時|보낸 날짜)"
        r"\s?\*?[:\uff1a]"
    ),
    re.compile(
        r"[* >]*(?:Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Temat|Předmět"
        r"|Aihe|Тема|Konu|主题|主旨|件名|제목)\s?\*?[:\uff1a]"
    ),
)
_FIELD_LINES = 10
_RULE = re.compile(r"\s*(?:[_-]{5,})?\s*")
_LONGEST_LINE = 600


def _in_text(whole: str, separator: str, reply: bool) -> int:  # noqa: FBT001 - one caller
    lines = whole.split("\n")
    found = _separator(separator, r"[\s>]+").search(whole) if separator.strip() else None
    if found:
        at = whole.count("\n", 0, found.start())
        return _offset(lines, _above_quote(lines, at))
    starts = [start for start in (_quoted_end(lines), _block(lines)) if start is not None]
    return _offset(lines, min(starts)) if reply and starts else len(whole)


def _separator(words: str, between: str) -> re.Pattern[str]:
    return re.compile(between.join(re.escape(word) for word in words.split()), re.IGNORECASE)


def _offset(lines: list[str], index: int) -> int:
    return sum(len(line) + 1 for line in lines[:index])


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _above_quote(lines: list[str], at: int) -> int:
    """The first line of the quote that goes on to line `at`: its marks and who wrote it."""
    while at and (not lines[at - 1].strip() or _is_quoted(lines[at - 1])):
        at -= 1
    for height in (1, 2, 3):
        if at >= height and _says_who_wrote(lines[at - height : at]):
            return at - height
    for start in range(max(0, at - _FIELD_LINES), at):
        if _ORIGINAL.fullmatch(lines[start][:_LONGEST_LINE]) or _is_field_block(lines, start):
            return _above_rule(lines, start)
    return at


def _says_who_wrote(lines: list[str]) -> bool:
    joined = " ".join(line.strip() for line in lines)
    return (
        len(joined) <= _LONGEST_LINE
        and joined.endswith((":", "\uff1a"))
        and _WROTE.fullmatch(joined) is not None
        and _DATED.search(joined) is not None
    )


def _says_something(above: str) -> bool:
    """Whether there is more above a quote than who wrote it, in a language that `_WROTE` may not
    know. Where that is somebody's own `See here:`, the quote may as well be seen.
    """
    lines = above.strip().split("\n")
    return lines != [""] and (len(lines) > 3 or not lines[-1].rstrip().endswith((":", "\uff1a")))


def _quoted_end(lines: list[str]) -> int | None:
    """Where the text ends in lines that all begin with `>`."""
    start = len(lines)
    while start and (not lines[start - 1].strip() or _is_quoted(lines[start - 1])):
        start -= 1
    quoted = sum(_is_quoted(line) for line in lines[start:])
    above = _above_quote(lines, start)
    # One such line alone may be a person's own.
    return above if quoted > 1 or (quoted and above < start) else None


def _block(lines: list[str]) -> int | None:
    """Where a mail begins that is quoted without marks, as Outlook and telephones do it."""
    for at, line in enumerate(lines):
        if not line.strip() or _is_quoted(line) or len(line) > _LONGEST_LINE:
            continue
        if _ORIGINAL.fullmatch(line) or _is_field_block(lines, at):
            return _above_rule(lines, at)
        for height in (1, 2, 3):
            if _says_who_wrote(lines[at : at + height]):
                unmarked = not any(_is_quoted(below) for below in lines[at + height :])
                return at if unmarked else None
    return None


def _is_field_block(lines: list[str], at: int) -> bool:
    if not _FROM.match(lines[at][:_LONGEST_LINE]) or (at and not _RULE.fullmatch(lines[at - 1])):
        return False
    below = [line[:_LONGEST_LINE] for line in lines[at + 1 : at + _FIELD_LINES]]
    return all(any(pattern.match(line) for line in below) for pattern in _OTHER_FIELDS)


def _above_rule(lines: list[str], at: int) -> int:
    while at and _RULE.fullmatch(lines[at - 1][:_LONGEST_LINE]):
        at -= 1
    return at


# --- HTML -----------------------------------------------------------------------------------


class _Tag(NamedTuple):
    """One tag, and the text between it and the tag before, where that can be seen."""

    start: int
    before: str
    name: str
    closing: bool
    source: str


_TAG = re.compile(r"<(/?)([a-zA-Z!][^\s/>]*)[^>]*>?")
_UNSEEN = frozenset({"head", "script", "style", "title"})
_LONGEST_TAG = 1_000

# What mail programs put around a mail that they quote.
_CONTAINER = re.compile(
    r"<blockquote\b[^>]*\b(?:type=[\"']?cite\b|class=[\"']?gmail_quote\b)"  # Apple, Mozilla, Gmail
    r"|<div\b[^>]*\bclass=[\"'](?:[^\"'>]* )?(?:gmail_quote|gmail_quote_container|moz-cite-prefix"
    r"|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra)[\"' ]"
    r"|<div\b[^>]*\bid=[\"']?(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container"
    r"|ms-outlook-mobile-reference-message|OLK_SRC_BODY_SECTION|yahoo_quoted)"
    r"|<div\b[^>]*\bname=[\"']?messageReplySection"  # Spark
    r"|<div\b[^>]*border:none;border-top:solid #(?:E1E1E1|B5C4DF) 1\.0pt"  # Outlook for Windows
    r"|<hr\b[^>]*\bid=[\"']?stopSpelling",  # Outlook.com, as it was
    re.IGNORECASE,
)
_LONGEST_INTRODUCTION = 600
"""Visible characters between where a quote begins and the separator in it: who wrote when."""


def _in_html(whole: str, separator: str, reply: bool) -> int:  # noqa: FBT001 - one caller
    words = escape(separator, quote=False)
    between = r"(?:\s|&nbsp;|<br ?/?>)+"
    found = _separator(words, between).search(whole) if separator.strip() else None
    if found:
        return _above_container(whole[: found.start()])
    start = next((tag.start for tag in _tags(whole) if _CONTAINER.match(tag.source)), None)
    if reply and start is not None and not _answers_inside(whole[start:]):
        return start
    return len(whole)


def _above_container(html: str) -> int:
    """Where the quote begins that goes on to the end of this HTML; its end if that is not seen."""
    start, introduction = len(html), 0
    for tag in reversed(list(_tags(html))):
        if _CONTAINER.match(tag.source):
            start = tag.start
        introduction += len(tag.before.strip())
        if introduction > _LONGEST_INTRODUCTION:
            break
    return start


def _tags(html: str) -> Iterator[_Tag]:
    position, unseen = 0, ""
    for found in _TAG.finditer(html):
        start, end = found.span()
        name, closing = found[2].lower(), bool(found[1])
        before = "" if unseen else html[position:start]
        yield _Tag(start, before, name, closing, html[start : min(end, start + _LONGEST_TAG)])
        if not unseen and not closing and name in _UNSEEN:
            unseen = name
        elif closing and name == unseen:
            unseen = ""
        position = end
    yield _Tag(len(html), "" if unseen else html[position:], "", closing=False, source="")


def _is_seen(words: str) -> bool:
    return bool(words.replace("&nbsp;", " ").strip())


def has_words(html: str) -> bool:
    """Whether there is anything to see; nobody sends as much HTML as `LONGEST_LOOK` for nothing."""
    if len(html) > LONGEST_LOOK:
        return True
    return any(tag.name == "img" or _is_seen(tag.before) for tag in _tags(html))


def _answers_inside(quote: str) -> bool:
    """Whether somebody wrote between or below the quoted blocks."""
    depth, ended = 0, False
    for tag in _tags(quote):
        if ended and not depth and _is_seen(tag.before):
            return True
        if tag.name == "blockquote":
            depth = max(0, depth + (-1 if tag.closing else 1))
            ended = ended or not depth
    return False
