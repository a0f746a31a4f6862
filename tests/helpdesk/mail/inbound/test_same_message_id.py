"""Two mails with the same Message-ID: docs/osticket.md, row T."""

from email.message import EmailMessage
from unittest.mock import patch

from helpdesk.mail.inbound import receive
from tests.helpdesk.mail.inbound.conftest import Post, mail

SCAN = "<scan@mfp.example>"
MONDAY, TUESDAY = "Mon, 02 Mar 2026 09:00:00 +0000", "Tue, 03 Mar 2026 09:00:00 +0000"


def test_a_copy_that_a_list_has_changed_is_the_same_mail(post: Post) -> None:
    post.bring(mail(message_id=SCAN, Date=MONDAY))
    copy = mail(
        body="It burns.\n-- \nA list",
        message_id=SCAN,
        Date="Mon, 02 Mar 2026 10:00:00 +0100",
        List_Id="<list.example>",
        Received="by a relay",
    )
    post.bring(copy)
    assert post.send(copy) == (201, post.only().ticket.number)
    assert len(post.only().entries) == 1


def test_another_date_sender_or_subject_is_a_mail_of_its_own(post: Post) -> None:
    post.bring(mail(message_id=SCAN, Date=MONDAY))
    post.bring(mail(message_id=SCAN, Date=TUESDAY))
    post.bring(mail("Bob <bob@example.org>", message_id=SCAN, Date=MONDAY))
    assert post.send(mail(subject="Door", message_id=SCAN, Date=MONDAY))[0] == 201
    assert len(post.tickets()) == 4
    assert (post.held(), len(post.objects("raw/"))) == ({}, 4)


def test_each_of_them_is_taken_in_once(post: Post) -> None:
    made = [mail(message_id=SCAN, Date=date) for date in (MONDAY, TUESDAY)]
    for _ in range(2):
        for one in made:
            post.bring(one)
            post.send(one)
    assert len(post.tickets()) == 2
    assert post.objects("incoming/") == []


def test_without_a_date_text_and_files_tell_mails_apart_but_not_the_way_they_came(
    post: Post,
) -> None:
    made = [mail(message_id=SCAN) for _ in range(3)]
    for page, data in zip(made, (b"one", b"two", b"one"), strict=True):
        page.add_attachment(data, "application", "pdf", filename="scan.pdf")
    made[2]["Received"] = "by another server"
    for page in made:
        post.bring(page)
    assert len(post.tickets()) == 2


def test_another_mail_answers_what_it_names_but_never_its_own_id(post: Post) -> None:
    post.bring(mail(message_id=SCAN, Date=MONDAY))
    post.bring(mail("Bob <bob@example.org>", "Door", message_id="<door@example.org>"))
    naming = {"In_Reply_To": SCAN, "References": f"<door@example.org> {SCAN}"}
    post.bring(mail("Bob <bob@example.org>", "Re: Door", message_id=SCAN, Date=TUESDAY, **naming))
    assert [len(post.thread(ticket).entries) for ticket in (1, 2)] == [1, 2]


def test_a_key_that_does_not_see_the_first_one_has_the_same_mail_for_itself(post: Post) -> None:
    post.bring(mail("Bob <bob@example.org>"))
    first, other = (mail(message_id=SCAN, Date=date) for date in (MONDAY, TUESDAY))
    post.bring(first)
    for made in (first, other, first, other):
        assert post.send(made, departments="2")[0] == 201
    assert len(post.tickets()) == 4


def test_both_of_two_that_come_at_one_moment_are_taken_in(post: Post) -> None:
    """The second is written after the first was looked for, before it is written itself."""
    really_write, made = receive._write, [mail(message_id=SCAN, Date=d) for d in (MONDAY, TUESDAY)]
    waiting: list[EmailMessage] = [made[1]]

    def write(*given: object) -> object:
        if waiting:
            post.bring(waiting.pop())
        return really_write(*given)  # type: ignore[arg-type]

    with patch.object(receive, "_write", write):
        post.bring(made[0])
    assert len(post.tickets()) == 2
    assert post.objects("incoming/") == []
