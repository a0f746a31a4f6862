"""Makes text from users safe to store, to show and to search.

Bodies come as plain text, HTML or Markdown and are stored as text or clean HTML. The rules for what
is removed are osTicket's (docs/osticket.md 1.8 and row M); symbols and emoji always stay.
"""

import re
import unicodedata
from base64 import b64decode
from binascii import Error as BadBase64
from html import unescape
from html.entities import name2codepoint
from secrets import token_hex

from helpdesk.model.entries import Body
from helpdesk.model.files import NewFile

LONGEST_MARKDOWN = 100_000
"""Characters of Markdown that are rendered at most; a longer text is stored as plain text."""

MOST_BRACKETS = 3_000
"""Opening brackets in rendered Markdown: the renderer's time grows with their square."""

# --- lines and names ------------------------------------------------------------------------

# Control characters except tab, line feed and return; lone surrogates; non-characters. None of them
# is allowed in XML 1.0, and none has a meaning in a ticket.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\\s\x85\u2028\u2029]+")
# Marks that change the text direction: they make `gpj.exe` look like `exe.jpg`.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Only what may begin a tag, so that `a < b` and a lone `<` are kept.
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")


def strip_controls(text: str) -> str:
    """The text without control characters; tabs and line breaks stay."""
    return _CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """The text as one line: runs of white space, line breaks above all, become one blank.

    For every value that may become a mail header.
    """
    # Again, since a control character may have stood between two blanks.
    return _BREAKS.sub(" ", strip_controls(_BREAKS.sub(" ", text))).strip()


def strip_tags(text: str) -> str:
    """The text with its entities decoded and then its tags removed (osTicket, 1.7); without control
    characters encoded as entities.
    """
    return _TAG.sub("", strip_controls(unescape(text)))


def safe_name(name: str, longest: int = 200) -> str:
    """A file name without folders, control characters and marks of direction.

    At most `longest` bytes of UTF-8, the extension kept; never empty.
    """
    last = re.split(r"[/\\]", _TURNS.sub("", one_line(name)))[-1].strip().lstrip(".").strip()
    if len(last.encode()) > longest:
        stem, dot, extension = last.rpartition(".")
        if not dot or len(extension.encode()) > 20:
            stem, dot, extension = last, "", ""
        room = longest - len((dot + extension).encode())
        last = stem.encode()[:room].decode(errors="ignore") + dot + extension
    return last or "file"


def fold(text: str) -> str:
    """The text as search compares it: without case, accents and width."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark)).casefold()


# --- bodies ---------------------------------------------------------------------------------


def sanitize(body: Body) -> tuple[Body, tuple[NewFile, ...]]:
    """The body as stored, and the pictures that were embedded in its HTML.

    HTML is cleaned and its `data:` pictures become inline files, named by content id. Markdown
    becomes HTML here, once, so that reading stays cheap. Text stays as it was sent.
    """
    sent = strip_controls(body.text)
    if body.format == "text":
        return Body(sent), ()
    if body.format == "markdown":
        if len(sent) > LONGEST_MARKDOWN or sent.count("[") > MOST_BRACKETS:
            return Body(sent), ()
        return Body(strip_controls(clean(render(sent))), "html"), ()
    if _too_wild(sent):
        return Body(strip_tags(sent)), ()
    # Again, since `&#24;` has been decoded to a control character.
    html, files = _take_out_images(strip_controls(clean(sent)))
    return Body(html, "html"), files


def as_html(body: Body) -> str:
    """A stored body as HTML that is safe to show."""
    return body.text if body.format == "html" else escape(_tidy(body.text))


def as_plain(body: Body) -> str:
    """A stored body as plain text: for the text part of a mail, and for search."""
    return plain(body.text) if body.format == "html" else _tidy(body.text)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text.replace("\r\n", "\n").strip())


def escape(text: str) -> str:
    """The text escaped for HTML; existing entities are left as they are (osTicket, 1.8)."""
    text = _LONE_AMPERSAND.sub(_ampersand, text)
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


_LONE_AMPERSAND = re.compile(r"&(?:(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};)|([A-Za-z][A-Za-z0-9]+);)?")


def _ampersand(found: re.Match[str]) -> str:
    number, name = found.groups()
    if number or name in name2codepoint:
        return found[0]
    return "&amp;" + found[0][1:]


# --- HTML -----------------------------------------------------------------------------------


def _words(listed: str) -> set[str]:
    return set(listed.split())


_TAGS = _words(
    "a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite "
    "code col colgroup data dd del details dfn div dl dt em figcaption figure font footer h1 h2 "
    "h3 h4 h5 h6 header hr i img ins kbd li main map mark nav ol p pre q rp rt ruby s samp section "
    "small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_ATTRIBUTES = {
    "*": {"align", "class", "dir", "lang", "style", "title", "valign"},
    "a": {"href", "name", "target"},
    "area": {"alt", "coords", "href", "shape"},
    "blockquote": {"cite"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "font": {"color", "face", "size"},
    "hr": {"size", "width"},
    "img": {"alt", "border", "data-src", "height", "src", "width"},
    "ins": {"cite", "datetime"},
    "li": {"type", "value"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "summary", "width"},
    "td": {"bgcolor", "colspan", "headers", "height", "rowspan", "width"},
    "th": {"bgcolor", "colspan", "headers", "height", "rowspan", "scope", "width"},
    "time": {"datetime"},
    "tr": {"bgcolor", "height"},
    "ul": {"type"},
}
_STYLES = _words(
    "background-color border border-bottom border-collapse border-color border-left border-right "
    "border-spacing border-style border-top border-width clear color direction display float font "
    "font-family font-size font-style font-weight height letter-spacing line-height "
    "list-style-type margin margin-bottom margin-left margin-right margin-top max-width min-width "
    "padding padding-bottom padding-left padding-right padding-top text-align text-decoration "
    "text-indent text-transform vertical-align white-space width word-break word-wrap"
)
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_PICTURE = re.compile(
    r"data:(image/(?:png|gif|jpeg|webp|bmp));base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE
)
_OUTSIDE = re.compile(r"(?:https?:)?//", re.IGNORECASE)


def clean(html: str) -> str:
    """HTML in which nothing runs, nothing is sent off and every tag is closed.

    Forms, scripts, styles and handlers are removed; links open in a new window without a referrer.
    Remote pictures keep their address only in `data-src`, so that senders cannot track reading.
    """
    # Imported here because most requests have plain text and need not wait for the import.
    import nh3  # noqa: PLC0415

    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        clean_content_tags={"head", "script", "style", "title"},
        filter_style_properties=_STYLES,
        link_rel="noopener noreferrer nofollow",
        url_schemes=_SCHEMES,
    )
    # nh3's output has a fixed form, so that a pattern can rely on it.
    return _IMG.sub(lambda img: _FAR.sub(' data-src="', img[0]), cleaned)


_IMG = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
_FAR = re.compile(r' src="(?=(?:https?:)?//)', re.IGNORECASE)


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "data-src":
        return value if _OUTSIDE.match(value) else None
    if attribute in {"src", "href", "cite"} and value.lstrip().lower().startswith("data:"):
        return value if (tag, attribute) == ("img", "src") and _PICTURE.fullmatch(value) else None
    return value


_SHOWN_PICTURE = re.compile(r' src="(data:[^"]*)"')


def _take_out_images(html: str) -> tuple[str, tuple[NewFile, ...]]:
    files: list[NewFile] = []

    def take_out(found: re.Match[str]) -> str:
        picture = _PICTURE.fullmatch(unescape(found[1]))
        try:
            data = b64decode("".join(picture[2].split()), validate=True) if picture else b""
        except BadBase64:
            data = b""
        if not picture or not data:
            return ""
        kind = picture[1].lower()
        content_id = token_hex(10)
        name = f"image-{len(files) + 1}.{kind.removeprefix('image/')}"
        files.append(NewFile(name, kind, data, inline=True, content_id=content_id))
        return f' src="cid:{content_id}"'

    def within(img: re.Match[str]) -> str:
        return _SHOWN_PICTURE.sub(take_out, img[0])

    return _IMG.sub(within, html), tuple(files)


# Browsers, and so nh3, repair broken HTML by rules whose cost is quadratic in the input: a hundred
# kilobytes of `<div>` take minutes, ten of open `<b>` become megabytes. So does nh3's time for `&`
# in one long text: four megabytes of `a&b` take two minutes. Such input is stored as plain text.

_HARMLESS_LENGTH = 4096
_SCAN = re.compile(
    r"<!--.*?(?:-->|$)"
    r"|<(script|style|title|textarea|xmp|iframe|noembed|noframes)\b.*?(?:</\1|$)"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/<>]*+)"
    r"(?P<rest>(?:[\s/]++|[^\s\"'<>/=]++(?:\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'=<>`]++))?+)*+)>"
    r"|(?P<loose></?[a-zA-Z])",
    re.DOTALL | re.IGNORECASE,
)
_FORMATTING = _words("a b big code em font i nobr s small strike strong tt u")
_NEVER_DEEP = _words(
    "area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot "
    "th thead tr wbr"
)


_MOST_SPELLING = 10**11
"""Some two seconds."""


def _spelling(text: str) -> int:
    """What it costs to write a text anew: nh3 looks through the rest of it for each letter that it
    has to spell.
    """
    return (text.count("&") + text.count("\xa0")) * len(text)


def _outside_tags(html: str) -> str:
    """A text as it may be after the repair: stray closing tags do not split it."""
    loose = next((tag.start() for tag in _SCAN.finditer(html) if tag["loose"]), len(html))
    within = _SCAN.sub(lambda tag: "" if tag["name"] else tag[0], html[:loose])
    return within + html[loose:]


def _too_wild(html: str) -> bool:
    if len(html) <= _HARMLESS_LENGTH:
        return False
    if _spelling(html) > _MOST_SPELLING and _spelling(_outside_tags(html)) > _MOST_SPELLING:
        return True
    cost = _Cost()
    for tag in _SCAN.finditer(html):
        if tag["loose"]:
            # From here on a browser may see other tags than this pattern does.
            rest = html[tag.start() :]
            return rest.count("<") > 1_000 or len(re.findall(r"[\s/\"'=]+", rest)) > 50_000
        if tag["name"] and cost.count(tag["name"].lower(), bool(tag["end"]), tag["rest"]):
            return True
    return False


class _Cost:
    """The cost of the repair so far: elements opened, searched, and recreated; attributes."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._depth = self._formatting = self._steps = self._made = self._spelt = 0

    def count(self, name: str, end: bool, attributes: str) -> bool:  # noqa: FBT001 - one caller
        """Adds one tag; true if the cost is too high."""
        self._steps += self._depth
        self._spelt += _spelling(attributes)
        if name not in _FORMATTING:
            # Every open `<b>` and the like is recreated inside each following block.
            self._made += self._formatting
        change = -1 if end else 1
        if name not in _NEVER_DEEP and self._open.get(name, 0) + change >= 0:
            self._open[name] = self._open.get(name, 0) + change
            self._depth += change
            self._formatting += change * (name in _FORMATTING)
        return (
            self._steps > 20_000_000
            or self._made > 200_000
            or self._depth > 2_000
            or self._spelt > _MOST_SPELLING
            or len(re.findall(r"[\s/]+", attributes)) > 2_000
        )


# --- Markdown and plain text ----------------------------------------------------------------


def render(markdown: str) -> str:
    """Markdown as HTML, not cleaned yet. HTML inside it is escaped."""
    # Slow to import, and few requests carry Markdown.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return str(MarkdownIt("js-default", {"html": False}).render(markdown))


def plain(html: str) -> str:
    """Clean HTML as plain text: blocks on separate lines, links with their address."""
    # The parser is needed for mail and search only, not for opening or showing a ticket.
    from helpdesk.html_to_text import convert  # noqa: PLC0415

    return convert(html)
