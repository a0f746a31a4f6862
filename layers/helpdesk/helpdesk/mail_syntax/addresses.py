"""Parses the addresses of header fields (RFC 5322, 3.4, and RFC 6532), even malformed ones."""

import re
from dataclasses import dataclass

from helpdesk import text
from helpdesk.mail_syntax.headers import decode_words


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address; `address` is empty if only a name was given."""

    name: str = ""
    address: str = ""


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """All mailboxes of a From, To or Reply-To, in order; groups yield their members. Two addresses
    in angle brackets are two mailboxes, even without a comma between them (RFC 5322, 3.4).

    A comment becomes part of the name, in brackets (docs/osticket.md 4.1), or the name if there is
    none. A value without any address yields its names.
    """
    found = _Scan().run(value)
    if "=?" in value and not any(mailbox.address for mailbox in found):
        # The whole was encoded, address and all.
        found = _Scan().run(decode_words(value))
    return tuple(found)


def written_addresses(value: str) -> set[str]:
    """Every address in a From field that a reader might take as one; not those in quotes, comments
    or encoded words, which are names (RFC 5322, 3.4; RFC 2047, 5).

    Of several, a check of DMARC may take another one than `mailboxes` does (RFC 7489, 6.6.1).
    """
    written: list[str] = []
    outside: list[str] = []
    for sign in _TOKEN.finditer(value):
        kind = sign.lastgroup or ""
        if kind == "angle":
            # Also a list that was put into one pair of brackets.
            written += sign[kind].split(",")
        outside.append(sign[kind] if kind == "word" else "" if kind == "comment" else " ")
    written += map(_without_brackets, "".join(outside).split())
    return {address for one in written if "=?" not in one and (address := _address(one))}


_TOKEN = re.compile(
    r"(?P<quoted>\"(?:[^\"\\]++|\\.)*+\")"
    r"|\((?P<comment>(?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+)\)"
    r"|<(?P<angle>[^<>]*+)>?"
    r"|\\(?P<pair>.)"
    r"|(?P<stop>[,;])"
    r"|(?P<colon>:)"
    r"|(?P<word>[^\"(),:;<>\\]+|.)",
    re.DOTALL,
)


class _Scan:
    """One pass over an address list. Quotes and comments that never close are plain characters."""

    def __init__(self) -> None:
        self._found: list[Mailbox] = []
        # Words before commas, which may be the start of a name.
        self._before: list[str] = []
        self._words: list[str] = []
        self._comments: list[str] = []
        self._angle: str | None = None
        self._before_angle = 0
        self._at_seen = False

    def run(self, value: str) -> list[Mailbox]:
        for sign in _TOKEN.finditer(value):
            kind = sign.lastgroup or ""
            if kind == "comment":
                self._comments.append(decode_words(sign[kind]))
            elif kind == "angle":
                self._take_angle(sign[kind])
            elif kind == "stop":
                self._finish(more=sign[kind] == ",")
            elif kind == "colon" and not self._at_seen:
                self._take_colon()
            else:
                self._words.append(sign[kind])
                self._at_seen = self._at_seen or "@" in sign[kind]
        self._finish(more=False)
        return self._found

    def _take_colon(self) -> None:
        # After the name of a group, or in `Anna [mailto:anna@example.com]`.
        last = self._words[-1].rstrip() if self._words else ""
        if last.endswith("mailto"):
            self._words[-1] = last.removesuffix("mailto").rstrip("[ ") + " "
        else:
            self._words.clear()

    def _take_angle(self, inside: str) -> None:
        if self._angle is not None and _address(self._angle):
            # A comma is missing.
            words = self._words[self._before_angle :]
            del self._words[self._before_angle :]
            self._finish(more=False)
            self._words = words
        self._before_angle = len(self._words)
        if inside.startswith("@"):
            # A route (RFC 5322, 4.4): commas are part of it.
            self._angle = inside
            return
        first, *others = inside.split(",")
        self._angle = first
        for other in others:
            # It was never closed, or contains a list.
            self._finish(more=False)
            self._words.append(other)

    def _finish(self, *, more: bool) -> None:
        words = "".join(self._words).strip()
        if self._angle is None:
            words, address = _bare_address(words)
        else:
            address = _address(self._angle)
        if more and words and not address and not self._comments:
            self._before.append(words)
        else:
            if address and self._angle is not None and len(self._before) <= _MOST_COMMAS:
                # `Rotich, Peter <peter@example.com>`: the comma should have been quoted.
                words = ", ".join([*self._before, words])
            else:
                self._found += [Mailbox(_name(before)) for before in self._before]
            self._before.clear()
            name = self._with_comments(_name(words))
            if name or address:
                self._found.append(Mailbox(name, address))
        self._words, self._comments, self._angle = [], [], None
        self._at_seen = False

    def _with_comments(self, name: str) -> str:
        said = [comment for comment in self._comments if comment]
        return " ".join([name, *(f"({comment})" for comment in said)]) if name else " ".join(said)


_MOST_COMMAS = 2


def _bare_address(words: str) -> tuple[str, str]:
    """The words around an address without angle brackets, and the address."""
    pieces = words.split()
    addresses = [_address(_without_brackets(piece)) for piece in pieces]
    at = next((i for i, address in enumerate(addresses) if address), None)
    if at is None:
        whole = _address(words.strip())
        return ("", whole) if whole else (words, "")
    around = " ".join(pieces[:at] + pieces[at + 1 :])
    return ("" if around.strip("[]'") == "" else around), addresses[at]


def _without_brackets(word: str) -> str:
    """The word without surrounding brackets and quotes, except those of a domain literal such as
    `root@[192.168.1.5]` (RFC 5321, 4.1.3).
    """
    word = word.strip("'").lstrip("[")
    return word.strip("'") if _LITERAL.search(word) else word.rstrip("]").strip("'")


_LITERAL = re.compile(r"@\[[^\[\]]+\]'*\Z")
_LOCAL_AND_DOMAIN = re.compile(r'(?:"[^"]*"|[^\s"<>]+)@[^\s@"<>,;]+')
_LONGEST_ADDRESS = 320
_COMMENT = re.compile(r"\((?:[^()\\]++|\\.)*+\)", re.DOTALL)
_AROUND_SIGN = re.compile(r"\s*+([@.])\s*+")


def _address(given: str) -> str:
    """The address without its route, comments and surrounding signs; empty if it is none.

    Blanks around dots and the `@` are allowed (RFC 5322, A.6.3); of words with blanks between them,
    the one that is an address counts.
    """
    address = (decode_words(given) if "=?" in given else given).strip().strip("'<>")
    if address.startswith("@") and ":" in address:
        address = address.partition(":")[2]
    address = address.removeprefix("mailto:").strip()
    if address.startswith('"') and address.endswith('"'):
        address = address.strip('"')
    if not _is_address(address) and len(address) <= _LONGEST_HEADER_ADDRESS:
        address = _AROUND_SIGN.sub(r"\1", _COMMENT.sub(" ", address)).strip()
        if not _is_address(address):
            address = next(filter(_is_address, address.split()), "")
    return text.strip_controls(address) if _is_address(address) else ""


_LONGEST_HEADER_ADDRESS = 1000
"""Characters in which comments and blanks are looked for."""


def _is_address(word: str) -> bool:
    return len(word) <= _LONGEST_ADDRESS and _LOCAL_AND_DOMAIN.fullmatch(word) is not None


_QUOTE_OR_PAIR = re.compile(r'\\(["\\])|"')


def _name(words: str) -> str:
    said = _QUOTE_OR_PAIR.sub(lambda sign: sign[1] or "", words)
    name = decode_words(said).strip()
    if len(name) > 1 and name[0] == name[-1] == "'":
        name = name[1:-1].strip()
    return name
