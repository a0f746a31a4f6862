"""Every AWS call for a mail fails, in every way, and SES's event is delivered again: nothing is
lost or duplicated, and every object is covered by an entry, a lifecycle rule or the sweep.
"""

from contextlib import suppress
from itertools import count

import pytest

from helpdesk.errors import DeskError
from helpdesk.files import sweep
from tests.faults import EVERY_WAY, How
from tests.helpdesk.mail.inbound.conftest import BUCKET, Post, mail
from tests.world import LONG_TEXT, aside, crowd, later

pytestmark = pytest.mark.exhaustive


def with_file(number: int, **headers: str) -> bytes:
    made = mail(
        f"ann{number}@example.org",
        f"Printer {number}",
        LONG_TEXT,
        message_id=f"<{number}@example.org>",
        **headers,
    )
    made.add_attachment(str(number).encode(), maintype="a", subtype="b", filename="a.bin")
    return made.as_bytes()


def bodies(post: Post, ticket: int) -> list[str]:
    """The bodies of a thread, each with its file looked into."""
    found = []
    for entry in post.thread(ticket).entries:
        (file,) = entry.attachments
        stored = aside("s3").get_object(Bucket=BUCKET, Key=file.object)["Body"].read()
        found.append(f"{entry.body.text.strip() == LONG_TEXT} {stored.decode()}")
    return found


def no_orphans(post: Post) -> None:
    later(days=2)
    sweep.sweep_files()
    folders = {key.split("/")[1] for key in post.objects("files/")}
    marks = {item["pk"].removeprefix("O-F#") for item in post.items("O-F#")}
    assert folders == marks


@EVERY_WAY
def test_new_mail_that_failed_and_came_again_is_one_ticket(post: Post, how: How) -> None:
    for number in count(1):
        name = post.put(with_file(number))
        with post.desk.injector.fault(how, number) as fault, suppress(DeskError):
            post.tell(name)
        post.tell(name)
        post.tell(name)
        assert len(post.tickets()) == number, fault
        assert bodies(post, post.tickets()[-1]["id"]) == [f"True {number}"], fault
        if fault.hit is None:
            break
    assert number > 8
    assert post.objects("incoming/") == []
    assert len(post.objects("raw/")) == number
    assert len(post.events("created")) == number
    no_orphans(post)


@EVERY_WAY
def test_a_reply_that_failed_and_came_again_is_one_entry(post: Post, how: How) -> None:
    post.bring(with_file(0))
    for number in count(1):
        name = post.put(with_file(number, In_Reply_To="<0@example.org>"))
        with post.desk.injector.fault(how, number) as fault, suppress(DeskError):
            post.tell(name)
        post.tell(name)
        assert len(post.only().entries) == number + 1, fault
        if fault.hit is None:
            break
    assert number > 8
    assert [line.split()[1] for line in bodies(post, 1)] == [str(n) for n in range(number + 1)]
    ticket = post.only().ticket
    assert ticket.entries == tuple(entry.id for entry in post.only().entries)
    assert len(post.events("message")) == number
    no_orphans(post)


@EVERY_WAY
def test_over_http_a_fault_is_told_and_the_same_mail_again_is_one_ticket(
    post: Post, how: How
) -> None:
    for number in count(1):
        with post.desk.injector.fault(how, number) as fault:
            first = post.send(with_file(number))
        assert first[0] in {201, 429, 503}, (fault, first)
        again = post.send(with_file(number))
        assert again[0] == 201
        assert len(post.tickets()) == number, fault
        if first[0] == 201:
            assert again == first, fault
        if fault.hit is None:
            break
    no_orphans(post)


@EVERY_WAY
def test_recipients_that_failed_to_join_join_once(post: Post, how: How) -> None:
    to = "support@desk.example, bob@example.org, cid@example.org"
    for number in count(1):
        post.bring(mail(subject=str(number), to=to))
        key = max(post.waiting())
        with post.desk.injector.fault(how, number) as fault:
            post.desk.deliver("project", key)
        post.settle()
        post.settle()
        if fault.hit is None:
            break
    joined = [item for item in post.items("T#") if item["sk"].startswith("P#")]
    assert len(joined) == 2 * number
    assert len(post.events("collaborator")) == 2 * number
    assert len([item for item in post.items("U#") if "email" in item and item["sk"] == "A"]) == 3


def test_the_same_mail_many_times_at_once_is_one_ticket(post: Post) -> None:
    names = [post.put(with_file(1)) for _ in range(6)]
    with crowd(6) as at_once:
        list(at_once.map(post.tell, names))
    assert bodies(post, post.only().ticket.id) == ["True 1"]
    no_orphans(post)


def test_other_mails_at_once_under_the_same_id_are_all_taken_in(post: Post) -> None:
    raw = [mail(subject=str(n), message_id="<same@example.org>").as_bytes() for n in range(8)]
    names = [post.put(one) for one in raw[:4]]
    with crowd(8) as at_once:
        told = at_once.map(post.tell, names)
        sent = at_once.map(post.send, raw[4:])
        assert {status for status, _ in [*sent, *((201, "") for _ in told)]} == {201}
    assert sorted(item["subject"] for item in post.tickets()) == [str(n) for n in range(8)]
    kept = sorted(post.thread(item["id"]).entries[0].raw for item in post.tickets())
    assert [f"raw/{key}" for key in post.objects("raw/")] == kept
    assert post.objects("incoming/") == post.objects("held/") == []


def test_many_replies_at_once_all_land(post: Post) -> None:
    post.bring(with_file(0))

    def reply(number: int) -> None:
        post.bring(with_file(number, In_Reply_To="<0@example.org>"))

    with crowd(4) as at_once:
        list(at_once.map(reply, range(1, 13)))
    thread = post.only()
    assert len(thread.entries) == 13
    assert sorted(thread.ticket.entries) == [entry.id for entry in thread.entries]
