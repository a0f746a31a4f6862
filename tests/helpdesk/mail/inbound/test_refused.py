"""Mail that becomes no ticket, or one with a warning: stored, listed, and never answered."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from helpdesk import organizations
from helpdesk.mail.inbound import arrivals, receive
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.storage import table
from helpdesk.storage.keys import quarantine_key
from helpdesk.tickets import find
from tests.desk import function
from tests.helpdesk.mail.inbound.conftest import BUCKET, Post, mail
from tests.world import Clock, aside, later


def test_a_banned_sender_is_refused_and_the_mail_kept(post: Post) -> None:
    name = post.bring(mail("Test <TEST@example.com>"))
    assert post.tickets() == []
    assert post.held() == {name: "banned"}
    assert (post.objects("incoming/"), post.objects("held/")) == ([], [name])
    status, words = post.send(mail("test@example.com", body="Again."))
    assert status == 403
    assert "Ticket denied: test@example.com" in words
    assert post.objects("raw/") == []


def test_a_sender_is_banned_by_a_pattern(post: Post) -> None:
    post.desk.change_settings(ban_list=["*@spam.example"])
    name = post.bring(mail("Joe <Joe@Spam.example>"))
    assert (post.tickets(), post.held()) == ([], {name: "banned"})


def test_a_virus_is_kept_apart_and_listed_with_sender_and_subject(post: Post) -> None:
    name = post.bring(mail(subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?="), virus="FAIL")
    assert post.tickets() == []
    assert post.held() == {name: "virus"}
    item = table.get(quarantine_key(name))
    assert item is not None
    assert (item["from"], item["subject"]) == ("Ann <ann@example.org>", "Grüße")
    assert item["object"] == f"held/{name}"
    assert post.objects("held/") == [name]


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ({"spam": "FAIL"}, "spam"),
        ({"dmarc": "FAIL"}, "dmarc"),
        ({"spam": "FAIL", "dmarc": "FAIL"}, "spam, dmarc"),
    ],
)
def test_spam_and_forgery_are_marked_tickets_that_nobody_is_answered_about(
    post: Post, verdicts: dict[str, str], said: str
) -> None:
    post.bring(mail(to="support@desk.example, bob@example.org"), **verdicts)
    post.settle()
    assert post.only().ticket.fields == {"suspicious_mail": said}
    assert [sent["To"] for sent in post.out()] == ["Support <boss@desk.example>"]
    assert not [item for item in post.items("T#") if item["sk"].startswith("P#")]


def test_a_customer_does_not_see_the_mark(post: Post) -> None:
    post.bring(mail(), spam="FAIL")
    number = post.only().ticket.number
    assert find.find_thread(Actor(customer=4), number).ticket.fields == {}


def test_a_vacation_responder_gets_no_confirmation(post: Post) -> None:
    post.bring(mail(Auto_Submitted="auto-replied"))
    assert [sent["To"] for sent in post.out()] == ["Support <boss@desk.example>"]


def test_strangers_are_refused_where_only_known_people_may_write(post: Post) -> None:
    post.bring(mail())
    post.desk.change_settings(accept_unregistered_email=False)
    post.bring(mail(body="Again."))
    assert len(post.tickets()) == 2
    stranger = post.bring(mail("bob@example.net"))
    assert post.held() == {stranger: "banned"}
    assert post.send(mail("bob@example.net", body="!"))[0] == 403


def test_who_has_the_domain_of_an_organization_is_no_stranger(post: Post) -> None:
    post.desk.change_settings(accept_unregistered_email=False)
    organizations.create_organization(SYSTEM, {"id": 1, "name": "Acme", "domain": "Example.net"})
    post.bring(mail("bob@example.net"))
    assert len(post.tickets()) == 1
    organizations.update_organization(SYSTEM, 1, {"active": False})
    late = post.bring(mail("eve@example.net"))
    assert post.held() == {late: "banned"}


def test_the_limit_of_open_tickets_holds_for_mail(post: Post) -> None:
    post.desk.change_settings(max_open_tickets=1)
    post.bring(mail())
    second = post.bring(mail(body="Again."))
    assert post.held() == {second: "too_many_open"}
    assert post.send(mail(body="Once more."))[0] == 400


def test_no_form_keeps_a_mail_out(post: Post) -> None:
    post.desk.change("fields", 50, name="room", label="Room", form="ticket", required=True)
    post.bring(mail(body=""))
    assert len(post.only().entries) == 1


def test_a_key_sees_its_own_part_only(post: Post) -> None:
    post.bring(mail(message_id="<a@example.org>"))
    bound = {"departments": "2"}
    assert post.send(mail("b@example.org", In_Reply_To="<a@example.org>"), **bound)[0] == 201
    assert len(post.tickets()) == 2
    assert post.send(mail("bob@example.org"), customer="4")[0] == 403
    assert post.send(mail(sender=""), customer="4")[0] == 403
    assert post.send(mail(), permissions="can_read_tickets")[0] == 403


@pytest.mark.parametrize(
    "bound", [{"departments": "2"}, {"customer": "4"}], ids=["department", "customer"]
)
def test_a_key_does_not_learn_that_a_mail_is_known_elsewhere(
    post: Post, bound: dict[str, str]
) -> None:
    post.bring(mail())
    post.bring(mail("Bob <bob@example.org>", message_id="<bob@example.org>"))
    numbers = {item["number"] for item in post.tickets()}
    answers = []
    for message_id in ("<bob@example.org>", "<unknown@example.org>"):
        sent = mail(message_id=message_id)
        status, number = post.send(sent, **bound)
        assert post.send(sent, **bound) == (status, number)
        assert number not in numbers
        answers.append((status, len(number)))
    assert answers == [(201, 6), (201, 6)]
    assert len(post.tickets()) == 4
    for message_id in ("<bob@example.org>", "<unknown2@example.org>"):
        assert post.send(mail("bob@example.org", message_id=message_id), customer="4")[0] == 403


def test_a_key_does_not_learn_of_mail_that_the_desk_has_sent_to_others(post: Post) -> None:
    post.bring(mail())
    post.bring(mail("Bob <bob@example.org>"))
    theirs = next(sent for sent in post.out() if "bob@" in sent["To"])
    for message_id in (theirs["Message-ID"], "<unknown@example.org>"):
        assert post.send(mail(message_id=message_id), customer="4")[0] == 201
    assert post.send(theirs, customer="4")[0] == 403
    assert post.send(theirs, departments="2")[0] == 404
    assert len(post.tickets()) == 4
    assert post.send(theirs) == (201, post.tickets()[1]["number"])


# --- late and unreadable --------------------------------------------------------------------


@pytest.fixture
def real_time() -> None:
    """The bucket knows no other clock."""
    Clock.current = datetime.now(UTC)


def test_what_nobody_dealt_with_is_taken_in_after_a_quarter_of_an_hour(
    post: Post, real_time: None
) -> None:
    raw = b"X-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: PASS\r\n" + mail().as_bytes()
    post.put(raw)
    function("redrive_mail")({}, None)
    assert post.tickets() == []
    later(minutes=16)
    function("redrive_mail")({}, None)
    assert post.only().ticket.fields == {"suspicious_mail": "spam"}
    assert post.objects("incoming/") == []


def test_what_ses_tries_a_new_rule_with_is_no_mail(post: Post, real_time: None) -> None:
    aside("s3").put_object(
        Bucket=BUCKET, Key="incoming/AMAZON_SES_SETUP_NOTIFICATION", Body=mail().as_bytes()
    )
    later(minutes=16)
    function("redrive_mail")({}, None)
    assert (post.tickets(), post.held(), post.objects("")) == ([], {}, [])


def test_what_ses_wrote_into_a_mail_counts_before_what_its_sender_wrote(
    post: Post, real_time: None
) -> None:
    own = (
        b"Authentication-Results: amazonses.com;\r\n spf=pass; dkim=none; dmarc=fail (p=reject)\r\n"
    )
    forged = b"Authentication-Results: amazonses.com; dmarc=pass\r\nX-SES-Virus-Verdict: PASS\r\n"
    virus = b"X-SES-Virus-Verdict: FAIL\r\n"
    post.put(own + forged + mail().as_bytes())
    bad = post.put(virus + forged + mail(body="x").as_bytes())
    later(minutes=16)
    function("redrive_mail")({}, None)
    assert post.only().ticket.fields == {"suspicious_mail": "dmarc"}
    assert post.held() == {bad: "virus"}


def test_a_mail_that_always_fails_is_held_and_stands_in_nobodys_way(
    post: Post, real_time: None
) -> None:
    bad = post.put(mail().as_bytes())
    good = post.put(mail(body="Fine.").as_bytes())
    later(minutes=16)
    really_receive = receive.receive

    def fail(actor: object, raw: bytes, *rest: object) -> object:
        if b"Fine." not in raw:
            raise ValueError
        return really_receive(actor, raw, *rest)  # type: ignore[arg-type]

    with patch.object(receive, "receive", fail):
        for _ in range(arrivals.MOST_ATTEMPTS + 1):
            assert post.held() == {}
            function("redrive_mail")({}, None)
    assert post.held() == {bad: "failed"}
    assert (post.objects("held/"), post.objects("raw/")) == ([bad], [good])
    assert len(post.tickets()) == 1


def test_a_held_mail_that_is_put_back_is_taken_in_and_listed_no_more(
    post: Post, real_time: None
) -> None:
    name = post.bring(mail("Test <test@example.com>"))
    assert post.held() == {name: "banned"}
    bucket = aside("s3")

    def put_back() -> None:
        place = {"Bucket": BUCKET, "Key": f"held/{name}"}
        bucket.copy_object(Bucket=BUCKET, Key=f"incoming/{name}", CopySource=place)
        bucket.delete_object(**place)
        later(minutes=16)
        function("redrive_mail")({}, None)

    put_back()
    assert post.held() == {name: "banned"}
    post.desk.change_settings(ban_list=[])
    put_back()
    assert post.held() == {}
    assert (post.only().entries[0].poster, post.objects("held/")) == ("Test", [])
