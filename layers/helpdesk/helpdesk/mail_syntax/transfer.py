"""Decodes transfer encodings (RFC 2045, section 6) and uuencoded files.

Wrong padding, line breaks anywhere, foreign characters and the footers that list servers add below
the encoded lines are expected. Bytes that cannot be decoded are returned unchanged.
"""

import re
from binascii import Error as Undecodable
from binascii import a2b_base64, a2b_qp, a2b_uu

_SAMPLE = 65536
"""Bytes of a part that show whether it is base64 at all."""

_SHORT = 60
"""Up to this many bytes of base64 followed by clear text must be padded or decode to text to be
accepted.
"""

_MOST_PADDING = 10_000
"""Most equals signs in base64; nobody sends a file in as many pieces."""

_LONGEST_FOOTER = 200
"""Unencoded lines below base64 that are looked for."""

_PURE = re.compile(rb"[A-Za-z0-9+/]+={0,3}[ \t\r]*")
_WHOLE = re.compile(rb"[A-Za-z0-9+/=]*+")
_STRANGE = re.compile(rb"[^A-Za-z0-9+/=]+")
_ALPHABET = _STRANGE.sub(b"", bytes(range(256)))
_PADDING = re.compile(rb"=+")
_LONE_RETURN = re.compile(rb"=\r(?!\n)")


def decode(data: bytes, encoding: str) -> tuple[bytes, bytes]:
    """The decoded bytes, and the unencoded text after them.

    `encoding` is the value of Content-Transfer-Encoding; an unknown one counts as none.
    """
    encoding = encoding.strip().lower()
    if encoding in {"base64", "b"}:
        return _decode_base64(data)
    if encoding in {"quoted-printable", "q"}:
        # A lone carriage return here hides all up to the next line feed from the decoder.
        return a2b_qp(_LONE_RETURN.sub(b"=\n", data)), b""
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        clear, files = cut_uuencoded(data)
        if files:
            return files[0][1], clear.strip()
    return data, b""


def base64(data: bytes) -> bytes:
    """Base64 as it is found: padded anyhow, with strange characters, several pieces in a row."""
    pieces = _PADDING.split(_STRANGE.sub(b"", data))
    return b"".join(_quads(piece) for piece in pieces if piece)


def _quads(piece: bytes) -> bytes:
    # A single extra character has only six bits, which are no byte.
    piece = piece[:-1] if len(piece) % 4 == 1 else piece
    return a2b_base64(piece + b"=" * (-len(piece) % 4))


def _decode_base64(data: bytes) -> tuple[bytes, bytes]:
    if data.count(b"=") > _MOST_PADDING:
        return data, b""
    packed = data.translate(None, b" \t\r\n")
    if _WHOLE.fullmatch(packed):
        return base64(packed), b""
    if _is_damaged_base64(data):
        # Characters that do not belong there are ignored (RFC 2045, 6.8).
        return base64(packed), b""
    end = _end_of_base64(data)
    sample = [line for line in data[: min(end, _SAMPLE)].split(b"\n") if line.strip()]
    pure = sum(_PURE.fullmatch(line) is not None for line in sample)
    # Text mislabelled as base64 may have words that look like it.
    decoded = base64(data[:end]) if pure * 2 >= len(sample) else b""
    if not decoded or (end < _SHORT and b"=" not in data[:end] and not _is_text(decoded)):
        return data, b""
    return decoded, data[end:].strip()


_FEWEST_DAMAGED = 16
"""Characters of a line of base64 that may have a foreign one among them."""


def _is_damaged_base64(data: bytes) -> bool:
    """Whether a single line is base64 except for a few characters; text has blanks between
    words.
    """
    line = data.strip()
    foreign = len(line.translate(None, _ALPHABET))
    if not len(line) >= _FEWEST_DAMAGED or len(line.split()) != 1 or foreign * 16 > len(line):
        return False
    return (len(line) - foreign) % 4 == 0


def _is_text(decoded: bytes) -> bool:
    try:
        return "".join(decoded.decode().split()).isprintable()
    except UnicodeDecodeError:
        return False


def _end_of_base64(data: bytes) -> int:
    """The end of the last line of base64, searched from the end; 0 if there is none."""
    end = len(data)
    for _ in range(_LONGEST_FOOTER):
        start = data.rfind(b"\n", 0, end - 1) + 1 if end else 0
        line = data[start:end].strip()
        if _PURE.fullmatch(line) and (len(line) % 4 == 0 or line.endswith(b"=")):
            break
        if start == 0:
            return 0
        end = start
    # The last line may lack its padding.
    following = data.find(b"\n", end)
    following = len(data) if following < 0 else following + 1
    last = data[end:following].strip()
    return following if last and _PURE.fullmatch(last) else end


_BEGIN = re.compile(rb"^begin(-base64)? [0-7]{3,4} ([^\r\n]*[^\s])[ \t]*\r?\n", re.MULTILINE)
_MOST_BEGINNINGS = 100
_LINE = re.compile(rb"([^\r\n]*)(?:\r?\n|\Z)")
_UU_LINE = re.compile(rb"[\x20-\x60]+")


def cut_uuencoded(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without its uuencoded files (POSIX uuencode), and these as (name, bytes).

    A beginning without a proper end stays text, as does everything after a hundred beginnings.
    """
    clear: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    taken = position = 0
    for _ in range(_MOST_BEGINNINGS):
        begin = _BEGIN.search(data, position)
        if not begin:
            break
        content, position = _read_uuencoded(data, begin.end(), in_base64=bool(begin[1]))
        if content is not None:
            clear.append(data[taken : begin.start()])
            files.append((begin[2], content))
            taken = position
    clear.append(data[taken:])
    return b"".join(clear), files


def _read_uuencoded(data: bytes, start: int, *, in_base64: bool) -> tuple[bytes | None, int]:
    """The content and the end of its end line; or no content, and the position of the first
    error.
    """
    decoded: list[bytes] = []
    position = start
    while position < len(data) and (found := _LINE.match(data, position)):
        line = found[1].rstrip(b" \t") if in_base64 else found[1]
        if line.rstrip() == (b"====" if in_base64 else b"end"):
            content = base64(b"".join(decoded)) if in_base64 else b"".join(decoded)
            return content, found.end()
        if in_base64 and _PURE.fullmatch(line):
            decoded.append(line)
        elif not in_base64 and _UU_LINE.fullmatch(line or b" "):
            decoded.append(_uu_line(line))
        else:
            break
        position = found.end()
    return None, position


def _uu_line(line: bytes) -> bytes:
    try:
        return a2b_uu(line)
    except Undecodable:
        # Some encoders append a checksum to the line.
        return a2b_uu(line[: 1 + ((line[0] - 32) % 64 * 4 + 2) // 3])
