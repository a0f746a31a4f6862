"""A mail that is not a reply becomes a ticket, with everything in it."""

from base64 import b64encode
from email.message import EmailMessage

import pytest

from helpdesk.model.actor import NOBODY
from tests.helpdesk.mail.inbound.conftest import SUPPORT, Post, mail


def with_files() -> EmailMessage:
    made = mail(message_id="<one@example.org>")
    made.add_alternative('<p>It <b>burns</b>. <img src="cid:pic"></p>', subtype="html")
    html = made.get_body(("html",))
    assert html is not None
    html.add_related(b"PNG", "image", "png", cid="<pic>")
    made.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="run.exe")
    return made


def test_a_mail_becomes_a_ticket_with_all_its_files_of_any_type(post: Post) -> None:
    name = post.bring(with_files())
    thread = post.only()
    ticket, (entry,) = thread.ticket, thread.entries
    assert (ticket.subject, ticket.source) == ("Printer", "Email")
    assert (ticket.person_name, ticket.person_email) == ("Ann", "ann@example.org")
    assert entry.body.format == "html"
    assert "<b>burns</b>" in entry.body.text
    assert [(file.name, file.inline) for file in entry.attachments] == [
        ("image-1.png", True),
        ("run.exe", False),
    ]
    assert (entry.message_id, entry.raw) == ("one@example.org", f"raw/{name}")
    assert (post.objects("incoming/"), post.objects("raw/")) == ([], [name])


def test_the_same_over_http_answers_with_the_number(post: Post) -> None:
    status, number = post.send(with_files())
    assert (status, number) == (201, post.only().ticket.number)
    assert post.only().entries[0].raw.removeprefix("raw/") in post.objects("raw/")


def test_without_a_sender_it_is_a_ticket_from_nobody(post: Post) -> None:
    post.bring(mail(sender=""), sender="")
    assert post.only().ticket.person == NOBODY
    assert [sent["To"] for sent in post.out()] == ["Support <boss@desk.example>"]


@pytest.mark.parametrize("raw", [b"Subject: x", b"no header at all", b"\x00\xff\xfe" * 100])
def test_what_cannot_be_parsed_is_a_ticket_with_the_whole_mail(post: Post, raw: bytes) -> None:
    post.bring(raw)
    (entry,) = post.only().entries
    assert entry.attachments[-1].type == "message/rfc822"
    assert entry.attachments[-1].size == len(raw)


def test_no_mail_at_all_is_refused(post: Post) -> None:
    words = "Unable to create new ticket :user\nIncomplete client information"
    assert post.send(b" \r\n") == (400, words)
    assert post.objects("") == []


def test_other_recipients_take_part(post: Post) -> None:
    to = f"{SUPPORT}, Bob <bob@example.org>, support+label@desk.example, ANN@example.org"
    post.bring(mail(to=to, Cc="Cid <cid@example.org>, bob@example.org"))
    post.settle()
    joined = [item for item in post.items("T#") if item["sk"].startswith("P#")]
    assert [item["active"] for item in joined] == [True, True]
    names = {item["name"] for item in post.items("U#") if "name" in item}
    assert names == {"Ann", "Bob", "Cid"}
    post.settle()
    assert len(post.events("collaborator")) == 2


def test_more_recipients_than_a_transaction_holds_all_take_part(post: Post) -> None:
    to = ", ".join([SUPPORT, *(f"p{number}@example.org" for number in range(70))])
    post.bring(mail(to=to))
    post.settle()
    assert len([item for item in post.items("T#") if item["sk"].startswith("P#")]) == 70


@pytest.mark.parametrize(("used", "priority"), [(False, 2), (True, 3)])
def test_the_importance_of_a_mail_is_its_priority_where_the_desk_wants_that(
    post: Post, used: bool, priority: int
) -> None:
    post.desk.change_settings(use_email_priority=used)
    post.bring(mail(X_Priority="1"))
    assert post.only().ticket.priority == priority


def joined(post: Post) -> list[str]:
    """The addresses of those who take part beside the requester."""
    post.settle()
    people = {item["id"]: item["email"] for item in post.items("U#") if "email" in item}
    found = (item for item in post.items("T#") if item["sk"].startswith("P#"))
    return sorted(people[int(item["sk"].removeprefix("P#"))] for item in found)


def test_nobody_joins_where_that_is_switched_off(post: Post) -> None:
    post.desk.change_settings(add_email_collabs=False)
    post.bring(mail(to=f"{SUPPORT}, bob@example.org", Cc="cid@example.org"))
    assert joined(post) == []


def test_others_join_by_a_mail_that_comes_over_http(post: Post) -> None:
    post.send(mail(to=f"{SUPPORT}, bob@example.org", Cc="cid@example.org"))
    assert joined(post) == ["bob@example.org", "cid@example.org"]


def test_nobody_joins_by_a_mail_over_http_that_did_not_go_to_the_desk(post: Post) -> None:
    post.send(mail(to="bob@example.org"))
    assert joined(post) == []


def test_others_join_by_a_mail_of_which_the_desk_got_a_blind_copy(post: Post) -> None:
    post.bring(mail(to="bob@example.org", Cc="cid@example.org"), recipients=(SUPPORT,))
    assert joined(post) == ["bob@example.org", "cid@example.org"]


def test_a_mail_with_too_many_pictures_keeps_the_rest_as_the_whole_mail(post: Post) -> None:
    coded = (b64encode(f"picture {number}".encode()).decode() for number in range(405))
    made = mail(message_id="<many@example.org>")
    pictures = "".join(f'<img src="data:image/png;base64,{one}">' for one in coded)
    made.add_alternative(f"<p>Look.</p>{pictures}", subtype="html")
    made.add_attachment(b"notes", maintype="application", subtype="zip", filename="a.zip")
    post.bring(made)
    (entry,) = post.only().entries
    assert len(entry.attachments) == 400
    *inline, zipped, whole = entry.attachments
    assert all(file.inline for file in inline)
    assert (zipped.name, whole.name, whole.type) == ("a.zip", "message.eml", "message/rfc822")
    assert whole.size == len(made.as_bytes())
