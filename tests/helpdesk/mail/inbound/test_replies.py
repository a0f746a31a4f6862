"""How a mail is matched to its thread, and the resulting entry (docs/osticket.md 4.2 to 4.4,
row O).
"""

from email.message import EmailMessage

import pytest

from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, Entry, NewEntry
from helpdesk.storage import table, transact
from helpdesk.storage.keys import participant_key, ticket_key
from helpdesk.tickets import threads
from tests.helpdesk.mail.inbound.conftest import SUPPORT, Post, answer_to, mail
from tests.world import plain

AGENT = "Max Agent <max@desk.example>"


def opened(post: Post) -> EmailMessage:
    """A ticket of Ann's; gives the confirmation that she got."""
    post.bring(mail(message_id="<first@example.org>"))
    confirmation = post.out()[0]
    assert confirmation["To"] == "Ann <ann@example.org>"
    return confirmation


def with_agent(post: Post) -> EmailMessage:
    """The same with an agent; gives the alert that the agent got."""
    post.desk.change("agents", 9, name="Max Agent", email="max@desk.example", username="max")
    post.desk.change("departments", 1, name="Support", manager=9)
    opened(post)
    (alert,) = (sent for sent in post.out() if "max@" in sent["To"])
    return alert


def added(post: Post) -> Entry:
    """What was added to the only ticket."""
    _, entry = post.only().entries
    return entry


def close(status: int) -> None:
    """Closes the first ticket as the desk stores it."""
    change = "SET #s = :s, closed = :at, last_closed = :at, first_closed = :at, p1 = :p1"
    values = {":s": status, ":at": "2026-03-02T09:00:00.000Z", ":p1": f"{status}#1#0"}
    transact.write(
        transact.update(ticket_key(1), f"{change} REMOVE p9, s9", values, names={"#s": "status"})
    )


# --- finding the thread ---------------------------------------------------------------------


def test_an_answer_to_the_confirmation_lands_on_its_thread(post: Post) -> None:
    confirmation = opened(post)
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", "Still burning."))
    entry = added(post)
    assert (entry.kind, entry.person, entry.body.text.strip()) == ("message", 4, "Still burning.")
    assert entry.title == ""


def only_reply_to(confirmation: EmailMessage) -> EmailMessage:
    return mail(to=str(confirmation["Reply-To"]), subject="Another word")


def only_reply_to_in_capitals(confirmation: EmailMessage) -> EmailMessage:
    return mail(to=str(confirmation["Reply-To"]).upper(), subject="Another word")


def only_our_reference(confirmation: EmailMessage) -> EmailMessage:
    ours = confirmation["References"].split()[0]
    return mail(References=f"<x@y.example> {ours} <z@y.example>", subject="Another word")


def only_ses_id(confirmation: EmailMessage) -> EmailMessage:
    return mail(In_Reply_To=confirmation["Message-ID"], subject="Another word")


def only_first_mail(_: EmailMessage) -> EmailMessage:
    return mail(References="<first@example.org>", subject="Another word")


WAYS = [
    only_reply_to,
    only_reply_to_in_capitals,
    only_our_reference,
    only_ses_id,
    only_first_mail,
]


@pytest.mark.parametrize("way", WAYS)
def test_each_of_the_ids_alone_is_enough(post: Post, way: object) -> None:
    confirmation = opened(post)
    assert callable(way)
    post.bring(way(confirmation))
    assert added(post).kind == "message"


def test_a_forged_id_is_none(post: Post) -> None:
    forged = opened(post)["Reply-To"].replace("@", "a@").replace("aaaaaaa", "aaaaaab", 1)
    post.bring(mail(to=f"{SUPPORT}, {forged}"))
    assert len(post.tickets()) == 2


def test_the_number_in_the_subject_counts_for_who_takes_part_only(post: Post) -> None:
    opened(post)
    number = post.only().ticket.number
    post.bring(mail(subject=f"About [#{number}]"))
    assert added(post).kind == "message"
    post.bring(mail("Eve <eve@example.org>", subject=f"About [#{number}]"))
    # By now the desk knows her.
    post.bring(mail("Eve <eve@example.org>", subject=f"About [#{number}]", body="And?"))
    post.bring(mail(subject=f"About [#{number}]", body="Won"), spam="FAIL")
    post.bring(mail(subject=f"About [#{number}]", body="Pay"), dmarc="FAIL")
    assert [len(post.thread(ticket).entries) for ticket in range(1, 6)] == [2, 1, 1, 1, 1]


def test_a_stranger_who_answers_in_html_is_named_above(post: Post) -> None:
    answer = answer_to(opened(post), "Eve <eve@example.org>", "")
    answer.set_content("<p>It <b>smokes</b>.</p>", subtype="html")
    post.bring(answer)
    text = added(post).body.text
    assert text.startswith("<p>Received From: Eve &lt;eve@example.org&gt;</p>")
    assert "<b>smokes</b>" in text


def test_who_takes_part_may_name_the_number(post: Post) -> None:
    post.bring(mail(to=f"{SUPPORT}, bob@example.org"))
    post.settle()
    number = post.only().ticket.number
    post.bring(mail("bob@example.org", subject=f"#{number}"))
    assert added(post).poster == "bob@example.org"


def test_archived_tickets_and_those_that_stay_closed_take_no_mail(post: Post) -> None:
    confirmation = opened(post)
    close(4)
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", "Again."))
    assert len(post.tickets()) == 2


def test_a_message_opens_a_closed_ticket_again(post: Post) -> None:
    confirmation = opened(post)
    close(3)
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", "Again."))
    ticket = post.only().ticket
    assert (ticket.status, ticket.closed) == (1, None)
    assert ticket.last_closed is not None
    (event,) = post.events("reopened")
    assert (event["before"]["state"], event["after"]["state"]) == ("closed", "open")
    assert table.get(ticket_key(1))["p1"] == "1#1#0"  # type: ignore[index]


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Return_Path": "<>"}],
)
def test_what_a_machine_writes_is_kept_and_opens_nothing_again(
    post: Post, headers: dict[str, str]
) -> None:
    confirmation = opened(post)
    close(3)
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", "On holiday.", **headers))
    assert added(post).kind == "message"
    assert post.only().ticket.status == 3
    assert post.events("reopened") == []
    (event,) = post.events("message")
    assert event["data"]["autorespond"] is False


# --- who wrote ------------------------------------------------------------------------------


def test_another_known_person_joins(post: Post) -> None:
    confirmation = opened(post)
    post.bring(mail("Bob <bob@example.org>", "Other"))
    post.bring(answer_to(confirmation, "Bob <bob@example.org>", "Me too."))
    entry = post.thread(1).entries[1]
    assert (entry.person, entry.poster) == (5, "Bob")
    assert table.get(participant_key(1, 5)) is not None


def test_a_stranger_is_named_above_what_they_write(post: Post) -> None:
    confirmation = opened(post)
    post.bring(answer_to(confirmation, "Eve <eve@example.org>", "Me too."))
    entry = added(post)
    assert (entry.kind, entry.person, entry.poster) == ("message", None, "Eve")
    assert entry.body.text.startswith("Received From: Eve <eve@example.org>\n\nMe too.")


def test_a_sender_whose_domain_denies_the_mail_is_a_stranger(post: Post) -> None:
    confirmation = opened(post)
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", "Refund me."), dmarc="FAIL")
    assert added(post).person is None
    assert post.only().ticket.fields["suspicious_mail"] == "dmarc"


def test_an_answered_ticket_waits_again(post: Post) -> None:
    confirmation = opened(post)
    threads.add_response(SYSTEM, 1, NewEntry(Body("Done."), agent=9, poster="Max"))
    assert post.only().ticket.answered
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", "No."))
    assert not post.only().ticket.answered


# --- agents ---------------------------------------------------------------------------------


def test_an_agents_answer_to_the_alert_is_a_response(post: Post) -> None:
    alert = with_agent(post)
    post.bring(answer_to(alert, AGENT, "Pull the plug."))
    entry = added(post)
    assert (entry.kind, entry.agent, entry.poster) == ("response", 9, "Max Agent")
    (event,) = post.events("response")
    assert (event["agent"], event["data"]["entry"]) == (9, entry.id)
    assert post.only().ticket.answered


def test_a_first_line_makes_it_a_note(post: Post) -> None:
    alert = with_agent(post)
    post.bring(answer_to(alert, AGENT, "#note\nHe is always like that."))
    entry = added(post)
    assert (entry.kind, entry.body.text.strip()) == ("note", "He is always like that.")


def test_the_id_that_ses_gave_to_the_alert_is_enough(post: Post) -> None:
    alert = with_agent(post)
    post.bring(mail(AGENT, "Re:", "Pull it.", In_Reply_To=alert["Message-ID"]))
    assert added(post).kind == "response"


@pytest.mark.parametrize(
    "verdicts",
    [
        {"dmarc": "GRAY", "spf": "FAIL", "dkim": "FAIL"},
        {"dmarc": "GRAY", "spf": "PASS", "dkim": "GRAY"},  # of another domain's server
        {"dmarc": "FAIL"},
        {"spam": "FAIL"},
    ],
)
def test_whoever_only_says_to_be_the_agent_is_not(post: Post, verdicts: dict[str, str]) -> None:
    alert = with_agent(post)
    post.bring(answer_to(alert, AGENT, "Pull it."), sender="eve@example.net", **verdicts)
    assert added(post).kind == "message"
    assert added(post).agent is None


def test_of_several_senders_none_is_the_agent_or_the_customer(post: Post) -> None:
    alert = with_agent(post)
    eve = b"\r\nFrom: Eve <eve@example.net>"
    for sender in (AGENT, "Ann <ann@example.org>"):
        two_lines = answer_to(alert, sender, "Pull it.").as_bytes()
        two_lines = two_lines.replace(sender.encode(), sender.encode() + eve, 1)
        for raw in (two_lines, answer_to(alert, f"{sender}, eve@example.net", "Pull it.")):
            post.bring(raw)
    written = post.only().entries[1:]
    assert [(entry.kind, entry.person) for entry in written] == [("message", None)] * 4


def test_spf_of_the_agents_own_domain_is_enough(post: Post) -> None:
    alert = with_agent(post)
    how = {"dmarc": "GRAY", "spf": "PASS", "dkim": "GRAY"}
    post.bring(answer_to(alert, AGENT, "Pull."), sender="max@desk.example", **how)
    assert added(post).kind == "response"


def test_an_agent_who_answers_to_what_a_customer_got_is_a_person(post: Post) -> None:
    with_agent(post)
    post.bring(answer_to(post.out()[0], AGENT, "I was forwarded this."))
    assert added(post).kind == "message"


def test_over_http_nobody_is_an_agent(post: Post) -> None:
    alert = with_agent(post)
    assert post.send(answer_to(alert, AGENT, "Pull it."))[0] == 201
    assert added(post).kind == "message"


def test_an_agents_holiday_goes_to_nobody(post: Post) -> None:
    alert = with_agent(post)
    away = {"Auto_Submitted": "auto-replied"}
    post.bring(answer_to(alert, AGENT, "I am away.", **away))
    assert added(post).kind == "note"
    (event,) = post.events("note")
    assert event["data"]["alert"] is False


# --- what is quoted -------------------------------------------------------------------------


def test_what_a_reply_quotes_is_hidden_and_not_lost(post: Post) -> None:
    confirmation = opened(post)
    quoted = "\n".join(f"> {line}" for line in plain(confirmation).splitlines())
    said = f"Yes.\n\nOn Mon, 2 Mar 2026 at 09:00, Support wrote:\n{quoted}\n"
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", said))
    entry = added(post)
    assert entry.body.text.strip() == "Yes."
    assert "> -- reply above this line --" in entry.quoted


def test_a_long_quote_lies_with_its_body_in_the_bucket(post: Post) -> None:
    confirmation = opened(post)
    long = "\n".join(f"> line {number * 7919 % 100_003}" for number in range(20_000))
    body = f"Yes.\n\nOn Mon, 2 Mar 2026 at 09:00, Support wrote:\n{long}\n"
    post.bring(answer_to(confirmation, "Ann <ann@example.org>", body))
    entry = added(post)
    assert entry.body.text.strip() == "Yes."
    assert len(entry.quoted) > 100_000


def test_a_new_ticket_tells_the_whole_story(post: Post) -> None:
    body = "See below.\n\nOn Monday Bob wrote:\n> It smokes.\n"
    post.bring(mail(body=body, In_Reply_To="<elsewhere@example.org>"))
    (entry,) = post.only().entries
    assert "> It smokes." in entry.body.text


# --- round and round ------------------------------------------------------------------------


def test_the_desks_own_mail_that_comes_back_adds_nothing(post: Post) -> None:
    confirmation = opened(post)
    name = post.bring(confirmation)
    del confirmation["Message-ID"]
    early = post.bring(confirmation)
    assert len(post.only().entries) == 1
    assert post.held() == {name: "loop", early: "loop"}
    assert post.send(confirmation) == (201, post.only().ticket.number)


def test_mail_from_the_desks_own_address_gets_no_confirmation(post: Post) -> None:
    post.bring(mail(SUPPORT))
    assert [sent["To"] for sent in post.out()] == ["Support <boss@desk.example>"]


def test_a_bounce_of_the_confirmation_lands_on_its_thread_and_ends_there(post: Post) -> None:
    confirmation = opened(post)
    sent = len(post.out())
    bounce = mail(
        "MAILER-DAEMON@example.org", "Undelivered Mail Returned to Sender", "No such Ann."
    )
    bounce.make_mixed()
    bounce.add_attachment(confirmation)
    post.bring(bounce, sender="")
    assert added(post).kind == "message"
    (event,) = post.events("message")
    assert (event["data"]["alert"], event["data"]["autorespond"]) == (False, False)
    assert len(post.out()) == sent


def test_a_bounce_of_nothing_we_know_opens_a_silent_ticket(post: Post) -> None:
    post.bring(mail("postmaster@example.org", "Undeliverable: x", "No."), sender="")
    assert len(post.tickets()) == 1
    assert post.out() == []


# --- twice ----------------------------------------------------------------------------------


def test_the_same_mail_again_is_the_same_entry(post: Post) -> None:
    confirmation = opened(post)
    reply = answer_to(confirmation, "Ann <ann@example.org>", "Yes.", Message_ID="<r@example.org>")
    for _ in range(3):
        post.bring(reply)
    number = post.only().ticket.number
    assert post.send(reply) == (201, number)
    assert post.send(mail(message_id="<first@example.org>")) == (201, number)
    assert len(post.only().entries) == 2


def test_mails_without_an_id_are_the_same_by_their_bytes(post: Post) -> None:
    post.bring(mail())
    post.bring(mail())
    post.bring(mail(body="Another."))
    assert len(post.tickets()) == 2


def test_an_idempotency_key_gives_the_number_once_more_also_for_a_reply(post: Post) -> None:
    confirmation = opened(post)
    number = post.only().ticket.number
    reply = answer_to(confirmation, "Ann <ann@example.org>", "Yes.")
    for _ in range(2):
        assert post.send(reply, once="k") == (201, number)
    assert len(post.only().entries) == 2
    assert post.send(mail(body="Other."), once="k")[0] == 409
