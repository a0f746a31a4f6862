"""The test mails of Python's own email package, if this Python has them: nothing is lost."""

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path

import pytest

from helpdesk.mail.parsing.message import Message, read_message


def _mails() -> list[Path]:
    # Some systems ship Python without its tests; the other tests here bring mails of their own.
    found = find_spec("test")
    places = found.submodule_search_locations if found else None
    folders = [Path(place) / "test_email" / "data" for place in places or []]
    return sorted(mail for folder in folders for mail in folder.glob("msg_*.txt"))


MAILS = _mails()

# Where email drops or misreads what is broken on purpose, and more comes out here.
NOT_COMPARED = {
    "msg_15.txt": "a gif that is called base64 and is none: email makes bytes of its words",
    "msg_25.txt": "the boundary that is named is not the one that is used: email finds no parts",
    "msg_31.txt": "no boundary is named: email finds no parts",
    "msg_38.txt": "boundaries of outer multiparts stand in a text",
}


def test_they_are_there() -> None:
    if not MAILS:
        pytest.skip("this Python came without its own tests")
    assert len(MAILS) > 30


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_every_part_of_them_comes_out(path: Path) -> None:
    raw = path.read_bytes()
    message = read_message(raw)
    expected = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(expected, EmailMessage)

    print(_row(path, message))  # noqa: T201 - the table of the test run
    if path.name not in NOT_COMPARED:
        for leaf in _leaves(_unwrapped(expected)):
            _check_leaf(leaf, message)


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_their_words_are_all_somewhere(path: Path) -> None:
    raw = path.read_bytes()
    message = read_message(raw)

    kept = message.text + message.html
    kept += "".join(file.data.decode("latin-1") for file in message.files)
    expected = email.message_from_bytes(raw, policy=policy.default)
    for leaf in _leaves(_unwrapped(expected)) if path.name not in NOT_COMPARED else ():
        if leaf.get("content-transfer-encoding", "7bit").lower() in {"7bit", "8bit", "binary"}:
            for line in _lines(leaf):
                assert line in kept


def _unwrapped(mail: EmailMessage) -> EmailMessage:
    if mail.get_content_type() == "message/rfc822" and mail.is_multipart():
        inner = mail.get_payload(0)
        assert isinstance(inner, EmailMessage)
        return inner
    return mail


def _leaves(mail: EmailMessage) -> Iterator[EmailMessage]:
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for child in mail.iter_parts():
            assert isinstance(child, EmailMessage)
            yield from _leaves(child)
    else:
        yield mail


def _lines(leaf: EmailMessage) -> list[str]:
    if leaf.is_multipart():
        source = str(leaf.get_payload(0).get_payload())  # type: ignore[union-attr]
    else:
        source = str(leaf.get_payload())
    lines = (line.strip() for line in source.splitlines())
    return [line for line in lines if line and line.isascii() and not line.startswith("--")]


def _check_leaf(leaf: EmailMessage, message: Message) -> None:
    if leaf.get_content_maintype() == "message":
        # Compared line by line above; email does not keep its bytes.
        return
    payload = leaf.get_payload(decode=True)
    assert isinstance(payload, bytes)
    said = (
        payload.decode(leaf.get_content_charset("ascii"), "replace").replace("\r\n", "\n").strip()
    )
    if leaf.get_filename() or said not in message.text + message.html:
        assert payload.rstrip() in {file.data.rstrip() for file in message.files}
    if name := leaf.get_filename():
        assert re.split(r"[/\\]", name)[-1] in {file.name for file in message.files}


def _row(path: Path, message: Message) -> str:
    said = " ".join(message.body.text.split())[:40]
    files = ", ".join(f"{file.name} ({len(file.data)})" for file in message.files)
    columns = (
        path.stem,
        message.sender.address or "nobody",
        message.subject[:30],
        f"{message.body.format}: {said}",
        files,
        message.unread or "all read",
    )
    return "| " + " | ".join(columns) + " |"
