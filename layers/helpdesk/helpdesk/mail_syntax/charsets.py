"""Decodes the bytes of a mail, whose charset label may be wrong.

A label is a hint. The bytes themselves count more: UTF-8 under another name, Shift_JIS called
ISO-2022-JP, windows-1252 called ISO-8859-1 or US-ASCII. A byte that is invalid in the charset is
read as windows-1252, so that it can be seen.
"""

import codecs
import re

from helpdesk import text

_WINDOWS_1252 = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)
)
# The characters to which `surrogateescape` maps invalid bytes.
_ESCAPED = {0xDC00 + byte: _WINDOWS_1252[byte] for byte in range(128, 256)}
_HAS_ESCAPED = re.compile("[\udc80-\udcff]")

# Labels that say nothing, or that old systems put on any text.
_VAGUE = frozenset(
    [
        "ascii",
        "us-ascii",
        "ansi-x3-4-1968",
        "ansi-x3-4-1986",
        "iso-646",
        "us",
        "unknown",
        "x-unknown",
        "unknown-8bit",
        "x-user-defined",
        "default",
        "default-charset",
        "none",
        "null",
        "binary",
        "7bit",
        "8bit",
        "ansi",
        "charset",
        "iso-8859-1",
        "iso8859-1",
        "iso-88591",
        "iso88591",
        "iso-8859-1-windows-3-1-latin-1",
        "latin1",
        "latin-1",
        "l1",
        "western",
        "windows-1252",
        "windows1252",
        "cp1252",
        "cp-1252",
        "win-1252",
        "x-ansi",
    ]
)
_JAPANESE = {
    **dict.fromkeys(("iso-2022-jp", "csiso2022jp", "jis", "x-jis"), ("cp932", "euc_jp")),
    **dict.fromkeys(
        [
            "shift-jis",
            "shift-jisx0213",
            "shiftjis",
            "sjis",
            "x-sjis",
            "cp932",
            "ms932",
            "ms-kanji",
            "windows-31j",
            "csshiftjis",
            "windows-932",
        ],
        ("cp932", "euc_jp"),
    ),
    **dict.fromkeys(("euc-jp", "eucjp", "x-euc-jp", "x-euc", "ujis"), ("euc_jp", "cp932")),
}
# Each is read as the larger charset that is really sent under its name.
_DOUBLE_BYTE = {
    **dict.fromkeys(
        [
            "gb2312",
            "gb-2312",
            "gb2312-80",
            "gb-2312-80",
            "gbk",
            "x-gbk",
            "gb18030",
            "cp936",
            "ms936",
            "windows-936",
            "euc-cn",
            "x-euc-cn",
            "chinese",
            "csgb2312",
            "iso-ir-58",
        ],
        ("gb18030",),
    ),
    **dict.fromkeys(
        ["big5", "big-5", "cn-big5", "csbig5", "x-x-big5", "cp950", "windows-950", "big5-hkscs"],
        ("cp950", "big5hkscs"),
    ),
    **dict.fromkeys(
        [
            "euc-kr",
            "ks-c-5601",
            "ks-c-5601-1987",
            "ks-c-5601-1989",
            "ksc5601",
            "ksc-5601",
            "korean",
            "cseuckr",
            "windows-949",
            "cp949",
            "uhc",
        ],
        ("cp949",),
    ),
}
_OTHERS = {
    **dict.fromkeys(("utf8", "utf", "utf8mb4", "unicode-1-1-utf-8", "utf-8-sig"), "utf-8"),
    **dict.fromkeys(("unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "utf7"), "utf-7"),
    **dict.fromkeys(("hz", "hz-gb-2312"), "hz"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman", "macroman"), "mac_roman"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical", "visual"), "iso8859-8"),
    **dict.fromkeys(("iso-8859-9",), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620"), "cp874"),
    **dict.fromkeys(("koi8", "koi"), "koi8-r"),
}
_WINDOWS = re.compile(r"(?:x-)?(?:windows|win|ansi|microsoft|ms|ibm|dos|cp)-?(?:cp-?)?(\d{3,5})")
# Codecs of Python's that are no charset of a mail: they transform, or take quadratic time.
_NO_CHARSETS = frozenset(
    ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem")
)
_NOT_A_LABEL = re.compile(r"[^a-z0-9]+")
_LONGEST_LABEL = 60


# Labels that name no charset of 8-bit text.
_NAMELESS = _VAGUE - {
    *("ansi", "iso-8859-1", "iso8859-1", "iso-88591", "iso88591", "iso-8859-1-windows-3-1-latin-1"),
    *("latin1", "latin-1", "l1", "western", "windows-1252", "windows1252", "cp1252", "cp-1252"),
    *("win-1252", "x-ansi"),
}


def names_charset(label: str) -> bool:
    """Whether a label tells the charset of 8-bit text."""
    label = _clean(label)
    return bool(label) and label not in _NAMELESS


LONGEST_EVIDENCE = 1 << 16
"""Bytes from which a charset is detected."""

_CONFIDENCE = 0.12
"""Below this, chardet is wrong about short texts as often as right: then it is windows-1252."""

# The charsets of mail before UTF-8; windows-1252 among them, so that it can win.
_DETECTED = (
    *("gb18030", "big5", "cp949", "cp932", "euc-jp", "koi8-r", "koi8-u", "cp874"),
    *(f"cp{number}" for number in range(1250, 1258)),
)


def detect(evidence: bytes) -> str:
    """The detected charset of unlabelled text; empty if there is too little evidence.

    `evidence` are lines that are no UTF-8.
    """
    if not evidence:
        return ""
    # Slow to load, and hardly ever needed.
    import chardet  # noqa: PLC0415

    found = chardet.detect(
        evidence[:LONGEST_EVIDENCE],
        include_encodings=_DETECTED,
        prefer_superset=True,
        compat_names=False,
    )
    return (found["encoding"] or "") if found["confidence"] >= _CONFIDENCE else ""


def is_foreign(data: bytes) -> bool:
    """Whether these bytes need a charset to be read: they are no UTF-8."""
    return not data.isascii() and not _is_utf8(data)


def decode(data: bytes, label: str = "") -> str:
    """The text that these bytes are, without control characters.

    `label` is the charset that the mail names, or the best guess; empty if unknown.
    """
    return text.strip_controls(_decode(data, _clean(label)))


def _clean(label: str) -> str:
    return _NOT_A_LABEL.sub("-", label.lower()).strip("-")


def _decode(data: bytes, label: str) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return _lossless(data[3:], "utf-8")
    if _is_wide(data, label):
        return _wide(data, label)
    return _seven_bit(data, label) if data.isascii() else _eight_bit(data, label)


def _eight_bit(data: bytes, label: str) -> str:
    if label in _JAPANESE:
        return _japanese(data, _JAPANESE[label])
    if label in _DOUBLE_BYTE:
        return _double_byte(data, _DOUBLE_BYTE[label])
    codec = "utf-8" if _is_utf8(data) else _codec(label)
    return _lossless(data, codec) if codec else _vague(data)


_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _is_wide(data: bytes, label: str) -> bool:
    # ASCII that is called UTF-16 has no zero byte, and would be read as Chinese.
    called = label.startswith(("utf-16", "utf16", "utf-32", "ucs-2", "iso-10646")) or (
        label == "unicode"
    )
    return data.startswith(_WIDE_MARKS) or (called and b"\0" in data)


def _wide(data: bytes, label: str) -> str:
    """UTF-16 or UTF-32; without a mark, the zero of an ASCII letter shows which half is first."""
    codec = "utf-32" if label.startswith("utf-32") else "utf-16"
    if not data.startswith(_WIDE_MARKS):
        codec += "-be" if data[0::2].count(0) > data[1::2].count(0) else "-le"
    return data.decode(codec, "replace").removeprefix("\ufeff")


def _seven_bit(data: bytes, label: str) -> str:
    if b"\x1b$" in data or (b"\x1b(" in data and label in _JAPANESE):
        if label == "iso-2022-kr":
            return data.decode("iso2022_kr", "replace")
        return _iso_2022_jp(data)
    codec = _codec(label)
    if codec in {"utf-7", "hz"}:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            pass
    return data.decode("ascii")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lossless(data: bytes, codec: str) -> str:
    try:
        decoded = data.decode(codec, "surrogateescape")
    except (UnicodeError, LookupError):
        # A codec that knows no such escape.
        return _vague(data)
    return decoded.translate(_ESCAPED) if _HAS_ESCAPED.search(decoded) else decoded


def _vague(data: bytes) -> str:
    # A long text in UTF-8 may have a broken byte or two; one in another charset is nearly all
    # broken then.
    decoded = data.decode("utf-8", "surrogateescape")
    broken = len(_HAS_ESCAPED.findall(decoded[:65536]))
    if broken * 4 < len(data[:65536]) - len(data[:65536].decode("ascii", "ignore")):
        return decoded.translate(_ESCAPED)
    return codecs.charmap_decode(data, "strict", _WINDOWS_1252)[0]


def _double_byte(data: bytes, candidates: tuple[str, ...]) -> str:
    # Two bytes of such a charset may happen to be UTF-8; three characters of three bytes do not.
    if (
        _is_utf8(data)
        and sum(mark > "\u07ff" for mark in data[:4096].decode("utf-8", "ignore")) > 2
    ):
        return data.decode()
    for codec in candidates:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode() if _is_utf8(data) else _lossless(data, candidates[0])


def _japanese(data: bytes, candidates: tuple[str, ...]) -> str:
    """Decides between Shift_JIS and EUC-JP, ignoring the label: decoded as the wrong one, text is
    full of small kana.
    """
    if _is_utf8(data):
        return data.decode()
    best, fewest = "", len(data) + 1
    for codec in candidates:
        try:
            decoded = data.decode(codec)
        except UnicodeDecodeError:
            continue
        small_kana = sum("\uff61" <= mark <= "\uff9f" for mark in decoded[:4096])
        if small_kana < fewest:
            best, fewest = decoded, small_kana
    return best or _lossless(data, candidates[0])


_LONGEST_MENDED = 1_000_000
_ESCAPES = re.compile(rb"\x1b(\$[@B]|\$\([A-Z]|\([BJI])")


def _iso_2022_jp(data: bytes) -> str:
    """ISO-2022-JP as it is sent: with the signs of row 13 and with half-width kana."""
    try:
        return data.decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        if len(data) > _LONGEST_MENDED:
            return data.decode("iso2022_jp_ext", "replace")
    pieces = _ESCAPES.split(data)
    decoded = [pieces[0].decode("ascii")]
    for escape, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if escape in {b"(B", b"(J"}:
            decoded.append(piece.decode("ascii"))
        elif escape == b"(I":
            decoded.append(_lossless(piece.translate(_HIGH), "cp932"))
        else:
            # Line breaks may occur inside, if a line was wrapped without switching back to ASCII.
            decoded.append(_lossless(piece.translate(_HIGH), "euc_jis_2004"))
    return "".join(decoded)


_HIGH = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))


def _codec(label: str) -> str:
    """The Python codec of a label, or empty text if there is none."""
    if not label or label in _VAGUE or label in _NO_CHARSETS or len(label) > _LONGEST_LABEL:
        return ""
    name = _OTHERS.get(label, label)
    windows = _WINDOWS.fullmatch(name)
    for candidate in (f"cp{windows[1]}" if windows else name, name.removeprefix("x-")):
        try:
            found = codecs.lookup(candidate)
            # Codecs that are not charsets, such as `zlib`, fail here.
            b"".decode(candidate)
        except (LookupError, ValueError):
            continue
        return found.name
    return ""
