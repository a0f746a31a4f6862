"""Mail without AWS: ids, templates, headers."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as modern

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import mail_ids
from helpdesk.catalogue.mail_templates import TEMPLATES
from helpdesk.mail.outbound import render
from helpdesk.mail_ids import MailIdentity
from helpdesk.model.catalogue import Template

ids = st.integers(0, 2**32 - 1)


@given(ids, ids, ids, st.sampled_from(["U", "S"]))
def test_a_signed_id_fits_an_address_and_survives_lower_case(
    ticket: int, entry: int, to: int, role: mail_ids.Role
) -> None:
    signed = mail_ids.sign(MailIdentity(ticket, entry, to, role), "secret")
    assert signed == signed.lower()
    assert signed.isalnum()
    assert len(signed) == 39


def test_a_signed_id_is_of_one_mail_and_one_desk() -> None:
    about = MailIdentity(1, 2, 3, "U")
    others = [MailIdentity(1, 2, 3, "S"), MailIdentity(1, 2, 4, "U"), MailIdentity(2, 2, 3, "U")]
    signed = {mail_ids.sign(each, "secret") for each in (about, *others)}
    assert len(signed | {mail_ids.sign(about, "other secret")}) == 5


def test_a_message_id_is_the_same_with_and_without_its_brackets() -> None:
    assert mail_ids.digest("<a@b>") == mail_ids.digest(" a@b\r\n") != mail_ids.digest("A@b")


def words(subject: str, body: str, values: dict[str, str]) -> render.Words:
    return render.words(Template(1, "x", subject, body), values)


def test_places_are_filled_once_and_unknown_ones_stay() -> None:
    said = words("%{a} %{b} %{}", "<p>%{a} %{unknown}</p>", {"a": "%{b}", "b": "<i>"})
    assert said.subject == "%{b} <i> %{}"
    assert "<p>%{b} %{unknown}</p>" in said.html


def test_only_what_is_html_goes_in_as_html() -> None:
    said = words("s", "<p>%{name}</p>%{message}", {"name": "<b>&", "message": "<b>hi</b>"})
    assert "<p>&lt;b&gt;&amp;</p><b>hi</b>" in said.html
    assert said.text == "<b>&\n\nhi"


def test_every_stock_template_finds_all_its_values() -> None:
    known = """ticket.number ticket.subject ticket.name ticket.email ticket.status ticket.priority
        ticket.dept.name ticket.topic.name ticket.create_date ticket.due_date recipient.name
        company.name message comments assignee.name poster.name ticket.services ticket.times
        unsubscribe"""
    values = dict.fromkeys(known.split(), "x")
    assert len(TEMPLATES) == 19
    for subject, body in TEMPLATES.values():
        said = words(subject, body, values)
        assert "%{" not in said.subject + said.html


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_no_value_ends_a_header_or_breaks_the_mail(subject: str, name: str) -> None:
    said = words("%{s}", "<p>%{s}</p>", {"s": subject})
    envelope = render.Envelope(
        sender=(name, "support@desk.example"),
        recipient=(name, "ann@example.org"),
        reply_to="support+x@desk.example",
        date=datetime(2026, 3, 2, tzinfo=UTC),
        headers={"Auto-Submitted": "auto-replied"},
    )
    raw = render.mail(said, envelope)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    read = message_from_bytes(raw, policy=modern)
    assert set(read.keys()) == {
        "From", "To", "Reply-To", "Subject", "Date", "X-Mailer", "Auto-Submitted", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert [to.addr_spec for to in read["To"].addresses] == ["ann@example.org"]
    assert not read.defects


@pytest.mark.parametrize(
    ("address", "mailed"),
    [
        ("ann@example.org", "ann@example.org"),
        ("ann@desk.test", "ann@desk.test"),
        ("ann@localhost", None),
        ("a\r\nb@example.org", None),
        ("a b@example.org", None),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("用户@example.org", None),
        ("", None),
    ],
)
def test_an_address_is_mailable_or_not(address: str, mailed: str | None) -> None:
    assert render.mailable(address) == mailed


def test_ids_longer_than_a_line_stay_as_they_are() -> None:
    ids = [f"<{letter * 200}@example.org>" for letter in "abc"]
    envelope = render.Envelope(
        sender=("Support", "support@desk.example"),
        recipient=("Ann", "ann@example.org"),
        reply_to="support@desk.example",
        date=datetime(2026, 3, 2, tzinfo=UTC),
        headers={"In-Reply-To": ids[-1], "References": " ".join(ids)},
    )
    raw = render.mail(render.Words("s", "h", "t"), envelope)
    assert f"\r\nIn-Reply-To: {ids[2]}\r\n".encode() in raw
    assert f"\r\nReferences: {ids[0]}\r\n {ids[1]}\r\n {ids[2]}\r\n".encode() in raw
