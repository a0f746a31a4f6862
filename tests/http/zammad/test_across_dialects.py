"""One ticket in every dialect: opened by mail, read and answered with zammad-py, read with
osTicket's plugin, closed with the community's v1, reopened by mail, merged into another.

After each step all the mails it caused are checked: nobody gets a mail twice or a mail that does
not concern them, and each mail is in its recipient's thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from zammad_py import ZammadAPI  # type: ignore[import-untyped]

from local.mail.mailbox import Mail
from local.testing import RunningCloud
from tests.helpdesk.mail.inbound.conftest import answer_to, mail
from tests.http.office import Office, as_received, number_of

ADA, ADDRESS = "Ada <ada@example.org>", "ada@example.org"
ANN = "ann@desk.example"
STAFF = ("can_create_tickets", "can_read_tickets", "can_search_tickets", "can_update_tickets")


class Told(Office):
    """An office that notes which mails it has looked at."""

    seen = 0

    def told(self) -> list[Mail]:
        """The mails since the last look, in the order of their recipients."""
        self.cloud.drain(retry=True)
        mails = self.cloud.mailbox.mails()
        new, self.seen = mails[self.seen :], len(mails)
        assert len({one.message_id for one in mails}) == len(mails)
        return sorted(new, key=lambda one: one.to)


@pytest.fixture
def office(running_cloud: RunningCloud) -> Iterator[Told]:
    for fresh in running_cloud.fresh():
        with Told(fresh) as office:
            yield office


@pytest.fixture
def ann(office: Told) -> Any:
    """zammad-py with the key of an agent, who has the alerts of the department."""
    agent = office.make_row("agents", name="Ann Agent", username="ann", email=ANN)
    office.set("departments/1", manager=agent)
    office.set("settings", ticket_alert_admin=False)
    key = office.make_key(*STAFF, agent=agent)["key"]
    return ZammadAPI(url=f"{office.cloud.url}/api/v1/", http_token=key)


def references(sent: Mail) -> list[str]:
    return sent.headers["References"].split()


@dataclass
class Story:
    """One ticket and who speaks about it; each method is a step, and looks at the mails of it."""

    office: Told
    ann: Any
    number: str = ""
    id: int = 0

    def opened_by_mail(self) -> Mail:
        """Gives the confirmation."""
        self.office.send(mail(ADA, message_id="<open@example.org>"))
        confirmation, alert = self.office.told()
        assert (confirmation.to, alert.to) == (ADDRESS, ANN)
        assert confirmation.headers["In-Reply-To"] == "<open@example.org>"
        assert confirmation.headers["Auto-Submitted"] == "auto-replied"
        assert alert.headers["Auto-Submitted"] == "auto-generated"
        self.number = number_of(confirmation)
        return confirmation

    def read_by_zammad_py(self) -> None:
        (found,) = self.ann.ticket.search(f"number:{self.number}")
        assert (found["title"], found["state"], found["customer"]) == ("Printer", "new", ADDRESS)
        assert (found["create_article_type"], found["create_article_sender"]) == (
            "email",
            "Customer",
        )
        self.id = found["id"]
        (article,) = self.ann.ticket.articles(self.id)
        assert (article["type"], article["sender"]) == ("email", "Customer")
        assert article["body"].strip() == "It burns."
        assert ADDRESS in article["from"]
        assert article["message_id"] == "<open@example.org>"
        raw = self.ann.ticket_article_plain.find(article["id"])
        assert b"Message-ID: <open@example.org>" in raw
        assert self.office.told() == []

    def answered_by_an_article(self, confirmation: Mail) -> Mail:
        """Gives the answer as the customer has got it."""
        new = {"ticket_id": self.id, "type": "email", "to": ADDRESS, "subject": "Re: Printer"}
        body = {"body": "<p>Pull the <b>plug</b>.</p>", "content_type": "text/html"}
        article = self.ann.ticket_article.create({**new, **body})
        (answer,) = self.office.told()
        assert (answer.to, "<b>plug</b>" in (answer.html or "")) == (ADDRESS, True)
        assert answer.headers["In-Reply-To"] == confirmation.message_id
        assert set(references(answer)) >= {"<open@example.org>", confirmation.message_id}
        assert "Auto-Submitted" not in answer.headers
        assert answer.headers["Reply-To"].startswith("support+")
        assert self.number in answer.subject
        stored = self.ann.ticket_article.find(article["id"])
        assert stored["message_id"] == answer.message_id
        shown = self.ann.ticket.find(self.id)
        assert (shown["state_id"], shown["article_count"]) == (2, 2)
        assert shown["first_response_at"] == shown["last_contact_agent_at"]
        assert shown["first_response_at"] == stored["created_at"]
        return answer

    def the_reply_seen_in_the_plugin(self, answer: Mail) -> None:
        self.reply(answer, "It did not help.", "<two@example.org>")
        thread = self.office.thread(self.number)
        assert [(entry["type"], entry["poster"]) for entry in thread] == [
            ("message", "Ada"),
            ("response", "Ann Agent"),
            ("message", "Ada"),
        ]
        assert thread[2]["body"] == "It did not help."
        assert self.office.show(self.number)["isAnswered"] is False

    def reply(self, to: Mail, body: str, message_id: str) -> Mail:
        """Ada answers a mail: the agent, and nobody else, hears of it. Gives the alert."""
        self.office.send(answer_to(as_received(to), ADA, body, Message_ID=message_id))
        (alert,) = self.office.told()
        assert (alert.to, alert.subject) == (ANN, "New Message Alert")
        assert body in (alert.text or "")
        assert alert.headers["Auto-Submitted"] == "auto-generated"
        return alert

    def closed_by_v1(self) -> None:
        path = f"/api/v1/tickets.php?id={self.id}"
        assert self.office.call("PUT", path, {"status_id": 3}).status == 200
        assert self.office.told() == []
        shown = self.ann.ticket.find(self.id)
        assert shown["state_id"] == 4
        assert shown["close_at"]
        assert shown["close_at"] == shown["last_close_at"]

    def opened_again_by_a_reply(self, answer: Mail) -> None:
        self.reply(answer, "It burns again.", "<three@example.org>")
        assert self.ann.ticket.find(self.id)["state_id"] == 2
        assert self.office.show(self.number)["status"] == "Open"

    def merged_into_another(self) -> Any:
        """Gives the other ticket, as the plugin shows it."""
        self.office.send(mail(ADA, "Still burning", message_id="<other@example.org>"))
        confirmation, alert = self.office.told()
        assert (confirmation.to, alert.to) == (ADDRESS, ANN)
        target = self.office.show(number_of(confirmation))
        merged = self.ann.ticket.merge(self.id, target["number"])
        assert (merged["result"], merged["target_ticket"]["id"]) == ("success", target["id"])
        assert self.office.told() == []
        assert self.ann.ticket.find(self.id)["state_id"] == 5
        assert self.office.show(self.number)["status"] == "Closed"
        bodies = [one["body"] for one in self.ann.ticket.articles(target["id"])]
        said = ["It burns.", "It did not help.", "It burns again."]
        assert [one.strip() for one in bodies if one.strip() in said][:3] == said
        return target

    def the_reply_lands_on_the_other(self, answer: Mail, target: Any) -> None:
        before = self.office.show(self.number)
        alert = self.reply(answer, "Hello?", "<four@example.org>")
        assert target["number"] in f"{alert.subject} {alert.text}"
        assert self.office.thread(target["number"])[-1]["body"] == "Hello?"
        assert self.office.show(self.number) == before
        assert self.ann.ticket.find(self.id)["state_id"] == 5

    def answered_there(self, target: Any) -> None:
        """The customer gets it once, below their last mail."""
        article = {"body": "We come.", "type": "email"}
        self.ann.ticket.update(target["id"], {"article": article})
        (answer,) = self.office.told()
        assert (answer.to, answer.headers["In-Reply-To"]) == (ADDRESS, "<four@example.org>")
        assert target["number"] in answer.subject
        assert self.ann.ticket.articles(target["id"])[-1]["body"] == "We come."


@pytest.mark.exhaustive
def test_a_ticket_goes_through_every_dialect(office: Told, ann: Any) -> None:
    story = Story(office, ann)
    confirmation = story.opened_by_mail()
    story.read_by_zammad_py()
    answer = story.answered_by_an_article(confirmation)
    story.the_reply_seen_in_the_plugin(answer)
    story.closed_by_v1()
    story.opened_again_by_a_reply(answer)
    target = story.merged_into_another()
    story.the_reply_lands_on_the_other(answer, target)
    story.answered_there(target)


def test_the_same_mail_twice_is_told_once(office: Told, ann: Any) -> None:
    """Whatever brings it again: the mail that opened, and a reply to an article."""
    for _ in range(2):
        office.send(mail(ADA, message_id="<open@example.org>"))
    assert [one.to for one in office.told()] == [ADDRESS, ANN]
    (ticket,) = office.call("GET", "/api/tickets-search.php").json
    new = {"ticket_id": ticket["id"], "type": "email", "body": "Pull the plug."}
    ann.ticket_article.create(new)
    (answer,) = office.told()
    reply = answer_to(as_received(answer), ADA, "No.", Message_ID="<two@example.org>")
    for _ in range(2):
        office.send(reply)
    assert [one.to for one in office.told()] == [ANN]
    assert len(office.thread(ticket["number"])) == 3
