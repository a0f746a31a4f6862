"""The fields of a header block, and their values: words, parameters, ids, dates.

Real mail has raw 8-bit text, encoded words with wrong padding, cut in the middle of a letter or
encoded twice, unclosed quotes and brackets. Every function here accepts all of these.
"""

import re
from binascii import a2b_qp
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from helpdesk import text
from helpdesk.mail_syntax import charsets, transfer

MOST_IDS = 200
"""Message-IDs that are read from a References field: the last ones, which are the nearest."""

_FOLD = re.compile(r"\r?\n(?=[ \t])|[\r\n]+")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of one header block as received, names in lower case.

    `charset` is used for raw 8-bit values that are not UTF-8.
    """

    fields: tuple[tuple[str, bytes], ...] = ()
    charset: str = ""

    def all(self, name: str) -> list[str]:
        """The values of every field of this name, unfolded, encoded words still in place."""
        return [
            _FOLD.sub("", charsets.decode(value, self.charset)).strip()
            for given, value in self.fields
            if given == name
        ]

    def first(self, name: str) -> str:
        """The first non-empty value, as in `all`; empty if there is none."""
        return next(filter(None, self.all(name)), "")

    def bytes_of(self, name: str) -> list[str]:
        """As `all`, in Latin-1, so that the value can be turned back into its bytes."""
        return [
            _FOLD.sub("", value.decode("latin-1")).strip()
            for given, value in self.fields
            if given == name
        ]


# --- encoded words (RFC 2047) ---------------------------------------------------------------

# Its text ends at `?=`, at the next word, or with the value. A language may follow the charset
# (RFC 2231, section 5).
_WORD = re.compile(
    r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bqBQ])\?"
    r"((?:[^?=]++|\?(?!=)|=(?!\?)|=(?=\?=))*+)(?:\?=|\Z)"
)
_MOST_TIMES_ENCODED = 3


def decode_words(value: str) -> str:
    """The value with its encoded words decoded, as one line.

    Adjacent words of one charset are decoded together, since a letter may be cut between them. A
    text that was encoded several times is decoded as often.
    """
    for _ in range(_MOST_TIMES_ENCODED):
        decoded = _decode_words_once(value)
        if decoded == value:
            break
        value = decoded
    return text.one_line(value)


def _decode_words_once(value: str) -> str:
    if "=?" not in value:
        return value
    pieces: list[str] = []
    charset, collected, position = "", b"", 0
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        in_a_row = position > 0 and not between.strip()
        if not in_a_row or word[1].lower() != charset:
            pieces.append(charsets.decode(collected, charset))
            pieces.append("" if in_a_row else between)
            charset, collected = word[1].lower(), b""
        collected += _decode_word(word[2], word[3])
        position = word.end()
    return "".join([*pieces, charsets.decode(collected, charset), value[position:]])


def _decode_word(encoding: str, encoded: str) -> bytes:
    data = encoded.encode("utf-8", "replace")
    if encoding in "bB":
        return transfer.base64(data)
    return a2b_qp(data, header=True)


# --- parameters (RFC 2045 and 2231) ---------------------------------------------------------

# A quoted value ends at a quote followed by a further parameter, a semicolon or nothing, since file
# names may contain unescaped quotes.
_PARAMETER = re.compile(
    r"([^\s=;\"]++)\s*+=\s*+"
    r"(?:\"((?:[^\"\\]++|\\.|\\\Z|\"(?!\s*+(?:;|\Z|[\w*-]++=)))*+)\"?|([^;]*+))",
    re.DOTALL,
)
_QUOTED_PAIR = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"([^*]+)(?:\*([0-9]{1,4}))?(\*)?")


def parameters(value: str, charset: str = "") -> tuple[str, Mapping[str, str]]:
    """The part of a field before its first semicolon, in lower case, and its parameters.

    `value` comes from `Header.bytes_of`, `charset` is for raw 8-bit values. Sections are joined,
    charsets and percent signs of RFC 2231 and encoded words (not allowed here, but common) decoded.
    Of a duplicate parameter, the encoded one counts, else the first.
    """
    main, _, rest = value.partition(";")
    if "=" in main and (words := value.split(None, 1)):
        # The first semicolon is missing.
        main, rest = words[0], words[1] if len(words) > 1 else ""
    plain: dict[str, bytes] = {}
    sections: dict[str, dict[int, tuple[bool, bytes]]] = {}
    for given_name, given in _pairs(rest):
        data = given.encode("latin-1", "replace")
        name = _SECTION.fullmatch(given_name.lower())
        if name is None:
            continue
        if name[2] is None and name[3] is None:
            plain.setdefault(name[1], data)
        else:
            section = (name[3] is not None, data)
            sections.setdefault(name[1], {}).setdefault(int(name[2] or 0), section)
    result = {name: decode_words(charsets.decode(data, charset)) for name, data in plain.items()}
    result |= {name: _join(pieces, charset) for name, pieces in sections.items()}
    if "boundary" in plain:
        # To be found again byte for byte.
        result["boundary"] = plain["boundary"].decode("latin-1")
    return "".join(main.lower().split()), result


_BETWEEN = re.compile(r"[;\s]*+")


def _pairs(rest: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(rest):
        if between := _BETWEEN.match(rest, position):
            position = between.end()
        if found := _PARAMETER.match(rest, position):
            yield (
                found[1],
                found[3].strip() if found[2] is None else _QUOTED_PAIR.sub(r"\1", found[2]),
            )
            position = found.end()
        else:
            position = rest.find(";", position) + 1 or len(rest)


def _join(sections: Mapping[int, tuple[bool, bytes]], charset: str) -> str:
    pieces: list[bytes] = []
    for encoded, data in (sections[number] for number in sorted(sections)):
        value = data
        if encoded and not pieces and data.count(b"'") > 1:
            label, _, value = data.split(b"'", 2)
            charset = label.decode("latin-1") or charset
        pieces.append(unquote_to_bytes(value) if encoded else value)
    return decode_words(charsets.decode(b"".join(pieces), charset))


# --- ids and dates --------------------------------------------------------------------------

_ID = re.compile(r"<([^<>]{1,998})>")


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """The Message-IDs in these values, in order, each once, in angle brackets, without blanks.

    Ids without brackets are accepted if no id has any (RFC 5322, 3.6.4, requires them).
    """
    joined = " ".join(values)
    if "=?" in joined:
        joined = decode_words(joined)
    found = ["".join(inner.split()) for inner in _ID.findall(joined)]
    if not found:
        found = [word.strip("<>") for word in joined.split() if "@" in word or " " not in joined]
    unique = dict.fromkeys(reversed([text.strip_controls(one) for one in found if one]))
    return tuple(f"<{one}>" for one in list(unique)[:MOST_IDS])[::-1]


_LONGEST_DATE = 200


def date(value: str) -> datetime | None:
    """A Date field in UTC (RFC 5322, 3.3; without an offset it is UTC); None if it is none."""
    try:
        parsed = parsedate_to_datetime(value[:_LONGEST_DATE])
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
