"""Extracts the mail from a signed, unencrypted S/MIME file (RFC 8551, 3.5.2; RFC 5652, 5).

Only the few bytes of ASN.1 around it are read, in DER or BER (X.690); no signature is checked.
"""

from collections.abc import Iterator

TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_END = 0x00
_DEEPEST = 4
"""Most nesting levels of a constructed octet string; programs write one."""

_MOST_VALUES = 200_000
"""Most pieces of one mail; programs write 1 to 4 kB in each."""

_ENCRYPTED_DATA = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d0109100117"))
"""EnvelopedData (RFC 5652, 6) and AuthEnvelopedData (RFC 5083)."""


def is_encrypted(data: bytes) -> bool:
    """Whether the file is an encrypted mail, as the type at its beginning says."""
    return any(kind in data[:64] for kind in _ENCRYPTED_DATA)


def signed_content(data: bytes) -> bytes | None:
    """The content of a SignedData; None for anything else, such as an encrypted mail."""
    try:
        return _signed_content(memoryview(data))
    except _MalformedError:
        return None


class _MalformedError(Exception):
    """The bytes are not ASN.1, or not of the expected kind."""


def _signed_content(data: memoryview) -> bytes | None:
    kind, info = _first(data)
    fields = _values(info) if kind == _SEQUENCE else iter(())
    if bytes(_next(fields, _OID)) != _SIGNED_DATA:
        return None
    signed = _first(_next(fields, _EXPLICIT))[1]
    # SignedData: version, digest algorithms, content (RFC 5652, 5.1).
    for kind, value in _values(signed):
        if kind == _SEQUENCE:
            inner = _values(value)
            _next(inner, _OID)
            return b"".join(_octets(*_first(_next(inner, _EXPLICIT)), 0))
    return None


def _next(values: Iterator[tuple[int, memoryview]], wanted: int) -> memoryview:
    kind, value = next(values, (-1, memoryview(b"")))
    if kind != wanted:
        raise _MalformedError
    return value


def _octets(kind: int, value: memoryview, depth: int) -> Iterator[bytes]:
    """An octet string, which may be written in pieces (X.690, 8.7.3)."""
    if kind == _OCTETS:
        yield bytes(value)
    elif kind == _OCTETS_IN_PIECES and depth < _DEEPEST:
        for inner_kind, inner in _values(value):
            yield from _octets(inner_kind, inner, depth + 1)
    else:
        raise _MalformedError


def _first(data: memoryview) -> tuple[int, memoryview]:
    for found in _values(data):
        return found
    raise _MalformedError


def _values(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The values in these bytes, each with its tag; one of indefinite length without its end."""
    at = count = 0
    while at < len(data) and data[at] != _END:
        count += 1
        if count > _MOST_VALUES:
            raise _MalformedError
        kind = data[at]
        start, length = _length(data, at + 1)
        end = _end_of_indefinite(data, start) if length is None else start + length
        if end > len(data):
            raise _MalformedError
        yield kind, data[start:end]
        at = end + (2 if length is None else 0)


def _length(data: memoryview, at: int) -> tuple[int, int | None]:
    """Where a value begins, and its length; None for an indefinite one (X.690, 8.1.3)."""
    if at >= len(data):
        raise _MalformedError
    first = data[at]
    if first < 0x80:
        return at + 1, first
    size = first & 0x7F
    if size == 0:
        return at + 1, None
    if size > 8 or at + 1 + size > len(data):
        raise _MalformedError
    return at + 1 + size, int.from_bytes(data[at + 1 : at + 1 + size])


def _end_of_indefinite(data: memoryview, at: int) -> int:
    """The position of the end mark of a value of indefinite length, after all values inside it."""
    depth = 1
    for _ in range(_MOST_VALUES):
        if at + 1 >= len(data):
            break
        if data[at] == _END:
            depth -= 1
            if depth == 0:
                return at
            at += 2
            continue
        start, length = _length(data, at + 1)
        if length is None:
            depth += 1
            at = start
        else:
            at = start + length
    raise _MalformedError
