"""The contents of a mail, from its parts: the text, in order, and the files."""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import unquote

from helpdesk import text
from helpdesk.mail.parsing import flowed, mime, quotes, smime, tnef
from helpdesk.mail.parsing.header_block import read_header
from helpdesk.mail.parsing.mime import Part
from helpdesk.mail_syntax import charsets, headers, transfer
from helpdesk.mail_syntax.headers import Header
from helpdesk.model.entries import Body
from helpdesk.model.files import NewFile

MOST_FILES = 50
"""Most files of one mail that are listed; if there are more, the raw mail replaces the rest."""


class _Piece(NamedTuple):
    """A piece of the mail's text, as plain text, as HTML, or as both."""

    text: str | None
    html: str | None


def _as_html(plain: str) -> str:
    return "<div>" + escape(plain, quote=False).replace("\n", "<br>\n") + "</div>\n"


# Subtypes of text that are files: not readable, or better opened in a program.
_TEXT_FILES = frozenset(
    {"calendar", "css", "csv", "directory", "javascript", "rfc822-headers", "rtf"}
    | {"tab-separated-values", "vcard", "x-amp-html", "x-vcalendar", "x-vcard", "xml"}
)
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_UNPACKED, _REPORT, _PREAMBLE, _ENCRYPTED = range(4)
# The body of a mail that is completely encrypted.
_ENCRYPTED_NOTICE = "This mail is encrypted. Its content is in the attached file {}."
_MOST_SIGNED = 5
"""Levels of signed mail inside signed mail that are opened."""
# The notice before the first part, for mail programs that do not know MIME.
_NOTICE = re.compile(r"\bMIME\b|\bmulti-?part\b", re.IGNORECASE)
_CID = re.compile(r"cid:([^\"'\s<>)]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_LONGEST_HTML_HEAD = 4096
_LONGEST_CONTENT_ID = 250


class Contents:
    """The text and the files of a mail.

    `charset` is for text without one. `missing` says what could not be read; empty for nothing.
    """

    def __init__(self, root: Part, charset: str) -> None:
        self._root = root
        self._charset = charset
        self._files: list[NewFile] = []
        # Text that is used only if there is no other, by rank.
        self._spare: dict[int, list[_Piece]] = {}
        self._spare_files: list[NewFile] = []
        self._has_text = False
        self._signed = 0
        self.missing = ""
        self._pieces = [piece for piece in self._read(root) if _has_words(piece)]
        if not self._pieces:
            self._files += self._spare_files
            self._pieces = self._spare[min(self._spare)] if self._spare else []
        if len(self._files) > MOST_FILES:
            self.missing = f"more than {MOST_FILES} files"

    def text(self) -> str:
        """The plain text."""
        return "\n".join(piece.text for piece in self._pieces if piece.text is not None)

    def html(self) -> str:
        """The HTML."""
        return "\n".join(piece.html for piece in self._pieces if piece.html is not None)

    def body(self) -> Body:
        """All pieces in order: as HTML where any piece has HTML, with the others converted."""
        if all(piece.html is None for piece in self._pieces):
            return Body(self.text())
        return Body("\n".join(map(_html_of, self._pieces)), "html")

    def files(self) -> tuple[NewFile, ...]:
        """The files; pictures shown in the HTML are marked as inline."""
        shown = {unquote(unescape(found[1])) for found in _CID.finditer(self.html())}
        return tuple(
            replace(file, inline=True) if file.content_id and file.content_id in shown else file
            for file in self._files
        )

    def keep_raw(self, raw: bytes, name: str) -> None:
        """Appends the raw mail to the files, replacing those beyond MOST_FILES."""
        kept = self._files[: MOST_FILES - 1]
        self._files = [*kept, NewFile(text.safe_name(f"{name}.eml"), "message/rfc822", raw)]

    # Recursion is bounded by mime.DEEPEST, and by _MOST_SIGNED for each level of signed mail.
    def _read(self, part: Part, *, digest: bool = False) -> list[_Piece]:
        if not part.children:
            return self._read_one(part, digest=digest)
        alternative = part.type == "multipart/alternative"
        below: list[list[_Piece]] = []
        had_text = self._has_text
        for child in part.children:
            # Each alternative is read as if it came first.
            self._has_text = had_text if alternative else self._has_text
            below.append(self._read(child, digest=part.type == "multipart/digest"))
        if part.type == "multipart/encrypted":
            self._keep_encrypted(self._files[-1].name if self._files else "")
        if alternative:
            pieces = _merge_alternatives(_without_rivals(part.children, below))
        else:
            pieces = [one for each in below for one in each]
        before = self._decode(part.body, part.charset).strip()
        if not _NOTICE.search(before):
            self._keep_spare(_PREAMBLE, _Piece(before, None))
        for behind in part.after:
            # Mailing lists and virus scanners append text after the last boundary.
            pieces.append(_Piece(self._decode(behind, part.charset).strip("\r\n"), None))
        return pieces

    def _read_one(self, part: Part, *, digest: bool) -> list[_Piece]:
        if part.type in _REPORTS:
            report = self._decode(part.content[0], part.charset)
            self._keep_spare(_REPORT, _Piece(report, None))
        if part.type.startswith("multipart/") and part.level >= mime.DEEPEST:
            self._add(part, part.whole)
            return []
        content, behind = part.content
        pieces: list[_Piece] = []
        if self._is_text(part):
            pieces.append(self._read_text(part, content, digest=digest))
            self._has_text = self._has_text or _has_words(pieces[0])
        elif part.type in smime.TYPES:
            pieces += self._read_smime(part, content)
        elif not self._unpack(part, content):
            self._add(part, content)
        if behind:
            pieces.append(_Piece(self._decode(behind, part.charset), None))
        return pieces

    def _is_text(self, part: Part) -> bool:
        main, _, kind = part.type.partition("/")
        if main == "multipart":
            # A multipart whose boundary was not found is text.
            return True
        disposition, given = self._disposition(part)
        if main != "text" or disposition not in {"", "inline"} or given.get("filename", "").strip():
            return False
        # A name alone makes a text a file only if another text came before it.
        return kind not in _TEXT_FILES and not (
            self._has_text and bool(part.parameters.get("name", "").strip())
        )

    def _read_smime(self, part: Part, content: bytes) -> list[_Piece]:
        """The mail inside a signed file, which is kept as a file, too (RFC 8551, 3.5.2)."""
        self._add(part, content)
        signed = smime.signed_content(content) if self._signed < _MOST_SIGNED else None
        if signed is None:
            if smime.is_encrypted(content):
                self._keep_encrypted(self._files[-1].name)
            return []
        tree = mime.split(signed)
        if tree.root.type in mime.MESSAGES:
            tree = mime.split(tree.root.content[0])
        self.missing = self.missing or tree.missing
        self._signed += 1
        pieces = self._read(tree.root)
        self._signed -= 1
        return pieces

    def _keep_encrypted(self, name: str) -> None:
        self._keep_spare(_ENCRYPTED, _Piece(_ENCRYPTED_NOTICE.format(name), None))

    def _read_text(self, part: Part, content: bytes, *, digest: bool) -> _Piece:
        if part.type == "text/html":
            charset = part.charset
            if not charset and (named := _META_CHARSET.search(content[:_LONGEST_HTML_HEAD])):
                charset = named[1].decode("latin-1")
            return _Piece(None, self._decode(content, charset))
        clear, encoded = transfer.cut_uuencoded(content)
        for name, data in encoded:
            self._add_named(self._decode(name, part.charset), data)
        plain = self._decode(clear, part.charset)
        if flowed.has_soft_breaks(part.parameters):
            plain = flowed.join(plain)
        return _Piece((_heading(part.header) if digest else "") + plain, None)

    def _decode(self, data: bytes, charset: str) -> str:
        decoded = charsets.decode(data, self._named(charset))
        return decoded.replace("\r\n", "\n").replace("\r", "\n")

    def _named(self, charset: str) -> str:
        """The charset of a part, or that of the mail if the part has none."""
        return charset if charsets.names_charset(charset) else self._charset or charset

    def _unpack(self, part: Part, content: bytes) -> bool:
        """Unpacks a winmail.dat; false if the file is not one, is damaged, or must be kept."""
        if part.type not in _TNEF and not content.startswith(tnef.SIGNATURE):
            return False
        try:
            unpacked = tnef.unpack(content)
        except tnef.Damaged:
            return False
        if not (unpacked.files or unpacked.text or unpacked.html or unpacked.rtf):
            return False
        for file in unpacked.files:
            self._add_named(file.name, file.data, file.type, file.content_id)
        self._keep_spare(_UNPACKED, _Piece(unpacked.text or None, unpacked.html or None))
        if unpacked.rtf and not unpacked.text and not unpacked.html:
            self._spare_files.append(NewFile("message.rtf", "application/rtf", unpacked.rtf))
        return unpacked.is_note

    def _disposition(self, part: Part) -> tuple[str, Mapping[str, str]]:
        return self._parameters(part, "content-disposition")

    def _parameters(self, part: Part, field: str) -> tuple[str, Mapping[str, str]]:
        values = part.header.bytes_of(field)
        return headers.parameters(values[0], self._named(part.charset)) if values else ("", {})

    def _keep_spare(self, rank: int, piece: _Piece) -> None:
        if _has_words(piece):
            self._spare.setdefault(rank, []).append(piece)

    def _add(self, part: Part, data: bytes) -> None:
        _, given = self._disposition(part)
        name = given.get("filename") or self._parameters(part, "content-type")[1].get("name", "")
        content_id = headers.decode_words(part.header.first("content-id")).strip("<> ")
        content_id = content_id if len(content_id) <= _LONGEST_CONTENT_ID else ""
        deep = part.type.startswith("multipart/")
        kind = "message/rfc822" if deep else part.type
        self._add_named(name or self._new_name(kind, data), data, kind, content_id)

    def _add_named(self, name: str, data: bytes, kind: str = "", content_id: str = "") -> None:
        name = text.safe_name(name) if name.strip() else self._new_name(kind, data)
        kind = kind or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._files.append(NewFile(name, kind, data, content_id=content_id))

    def _new_name(self, kind: str, data: bytes) -> str:
        """A name for a file without one: from its subject, or from its type and number."""
        if kind in mime.MESSAGES:
            header = read_header(data)
            subject = headers.decode_words(header.first("subject"))
            return text.safe_name((subject or "message") + ".eml")
        main, _, sub = kind.partition("/")
        ending = _ENDINGS.get(kind) or sub.removeprefix("x-")
        stem = {"image": "image", "message": sub}.get(main, "attachment")
        number = len(self._files) + 1
        return text.safe_name(f"{stem}-{number}.{ending if ending.isalnum() else 'bin'}")


_ENDINGS = {
    "": "bin",
    "application/octet-stream": "bin",
    "application/msword": "doc",
    "application/ms-tnef": "dat",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "audio/mpeg": "mp3",
    "image/jpeg": "jpg",
    "image/pjpeg": "jpg",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/external-body": "txt",
    "message/feedback-report": "txt",
    "message/global-delivery-status": "txt",
    "text/calendar": "ics",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/vcard": "vcf",
    "text/x-amp-html": "html",
    "text/x-vcard": "vcf",
}


def _heading(header: Header) -> str:
    """The header fields of a digest's message that was sent as a plain part, as lines of text."""
    lines = [
        f"{name.title()}: {headers.decode_words(value)}"
        for name in ("date", "from", "to", "subject")
        if (value := header.first(name))
    ]
    return "\n".join(lines) + "\n\n" if lines else ""


def _has_words(piece: _Piece) -> bool:
    return bool((piece.text or "").strip()) or quotes.has_words(piece.html or "")


def _html_of(piece: _Piece) -> str:
    return piece.html if piece.html is not None else _as_html(piece.text or "")


def _without_rivals(parts: list[Part], below: list[list[_Piece]]) -> list[list[_Piece]]:
    """The alternatives without other plain-text forms, such as text/enriched, if there is
    text/plain or HTML: only one form is shown (RFC 2046, 5.1.4).
    """
    shown = [
        any(map(_has_words, pieces))
        and (bool(part.children) or part.type in {"text/plain", "text/html"})
        for part, pieces in zip(parts, below, strict=True)
    ]
    if not any(shown):
        return below
    rivals = [not part.children and part.type.startswith("text/") for part in parts]
    return [
        pieces if keep or not rival else []
        for pieces, keep, rival in zip(below, shown, rivals, strict=True)
    ]


def _merge_alternatives(below: list[list[_Piece]]) -> list[_Piece]:
    """One piece from several forms of the same text, ignoring forms without text. An alternative
    may itself be a sequence of texts and HTML, as Apple Mail sends around pictures.
    """
    plain: list[_Piece] = []
    rich: list[_Piece] = []
    for pieces in below:
        worded = [piece for piece in pieces if _has_words(piece)]
        (plain if all(piece.html is None for piece in worded) else rich).extend(worded)
    if not plain or not rich:
        return plain or rich
    both = dict.fromkeys(map(_html_of, rich))
    return [_Piece("\n".join(piece.text or "" for piece in plain), "\n".join(both))]
