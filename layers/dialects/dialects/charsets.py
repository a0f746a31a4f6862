"""Charsets by the names that clients use for them."""

import codecs
import re

# Names used by mail programs that Python does not know, or maps to something else (docs/osticket.md
# 1.4).
_ALIASES = (
    (re.compile(r"windows-?(\d+)"), r"cp\1"),
    (re.compile(r"ks_c_5601-1987"), "cp949"),
    (re.compile(r"gb2312.*"), "gbk"),
    (re.compile(r"iso-?(\d.*)"), r"iso-\1"),
    (re.compile(r"default|x-user-defined|iso|us-ascii"), "iso-8859-1"),
)
# Python calls these encodings, too, but no text is sent in them.
_NO_CHARSETS = frozenset({"idna", "mbcs", "oem", "punycode", "undefined"})


def codec(charset: str) -> str | None:
    """Python's name of a charset, given that of mail and browsers; None if it is unknown."""
    for alias, name in _ALIASES:
        if found := alias.fullmatch(charset):
            charset = found.expand(name)
            break
    try:
        known = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None
    return None if known in _NO_CHARSETS or "escape" in known else known


def to_text(data: bytes, charset: str) -> str:
    """Bytes as text, UTF-8 if the charset is unknown; undecodable bytes are dropped."""
    try:
        text = data.decode(codec(charset) or "utf-8", "ignore")
    except (LookupError, ValueError):
        # Codecs from bytes to bytes, such as zlib, are found by name but do not decode to text.
        text = data.decode("utf-8", "ignore")
    # UTF-7 and the like can encode lone surrogates, which UTF-8 cannot.
    return text.encode("utf-8", "ignore").decode()
