"""/api/v1/ticket_articles and what belongs to it (docs/zammad.md 8)."""

from base64 import b64decode, b64encode
from typing import Any

import pytest

from helpdesk.events import outbox
from helpdesk.mail.outbound import asked
from helpdesk.storage import table, transact
from helpdesk.storage.keys import MAIL_SECRET
from tests import world
from tests.dialects.osticket.conftest import Desk as Osticket
from tests.dialects.zammad.conftest import ARTICLE, MINIMAL, Desk

MAIL = {"type": "email"}

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


def sent(data: bytes, name: str = "a.txt", kind: str = "text/plain") -> dict[str, str]:
    return {"filename": name, "data": b64encode(data).decode(), "mime-type": kind}


def add(desk: Desk, ticket: int, *, key: str | None = None, **values: Any) -> Any:
    body = {"ticket_id": ticket, **ARTICLE, **values}
    answer = desk.call("POST", "/api/v1/ticket_articles", body, key=key)
    assert answer.status == 201, answer.text
    return answer.json


def listed(desk: Desk, ticket: int, **options: Any) -> Any:
    return desk.get(f"/api/v1/ticket_articles/by_ticket/{ticket}", **options)


def test_an_agent_s_article_is_a_public_note(desk: Desk) -> None:
    number, key = desk.agent()
    ticket = desk.open(key=key)["id"]
    made = add(desk, ticket, key=key, **{"from": "somebody else", "type": None})
    assert made["from"] == "Ann Agent"
    assert (made["type"], made["sender"], made["internal"]) == ("note", "Agent", False)
    assert (made["content_type"], made["subject"]) == ("text/plain", "It burns")
    assert made["created_by_id"] == made["updated_by_id"] == number
    assert made["created_by"] == "ann"
    assert listed(desk, ticket) == [made]
    assert desk.get(f"/api/v1/ticket_articles/{made['id']}") == made
    assert desk.get(f"/api/v1/tickets/{ticket}")["state_id"] == 1


def test_what_an_agent_writes_for_somebody_is_a_customer_s(desk: Desk) -> None:
    number, key = desk.agent()
    made = desk.open(key=key, customer_id="guess:jane.doe@example.com", article=ARTICLE)
    told = {"origin_by": "JANE.DOE@example.com", "sender": "Agent", "from": "somebody"}
    article = add(desk, made["id"], key=key, **told)
    assert (article["sender"], article["type"], article["from"]) == ("Customer", "note", "Jane Doe")
    assert article["origin_by_id"] == made["customer_id"]
    assert article["created_by_id"] == number
    phone = add(desk, made["id"], key=key, type="phone", sender="Customer")
    assert phone["from"] == "Jane Doe <jane.doe@example.com>"
    assert phone["origin_by_id"] == made["customer_id"]


def test_files_come_back_as_they_were_sent(desk: Desk) -> None:
    data = bytes(range(256))
    files = [sent(b"some text"), sent(data, "b.pdf", "application/pdf")]
    made = desk.open(article=ARTICLE | {"attachments": files})
    (article,) = listed(desk, made["id"], expand=True)
    first, second = article["attachments"]
    assert (first["filename"], first["size"]) == ("a.txt", "9")
    assert first["preferences"] == {"Mime-Type": "text/plain"}
    ticket, number, text, pdf = made["id"], article["id"], first["id"], second["id"]
    answer = desk.call("GET", f"/api/v1/ticket_attachment/{ticket}/{number}/{pdf}")
    assert b64decode(answer.text) == data
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    plain = desk.call("GET", f"/api/v1/ticket_attachment/{ticket}/{number}/{text}")
    assert plain.headers["Content-Disposition"].startswith("attachment;")
    wrong = desk.call("GET", f"/api/v1/ticket_attachment/{ticket}/999/{text}")
    assert wrong.error == "The file does not belong to the specified article."
    wrong = desk.call("GET", f"/api/v1/ticket_attachment/999/{number}/{text}")
    assert wrong.error == "The article does not belong to the specified ticket."


def test_base64_with_line_breaks_is_base64(desk: Desk) -> None:
    encoded = b64encode(b"x" * 100).decode()
    file = sent(b"") | {"data": encoded[:76] + "\r\n" + encoded[76:]}
    made = desk.open(article=ARTICLE | {"attachments": [file]})
    (article,) = listed(desk, made["id"])
    assert article["attachments"][0]["size"] == "100"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ({"data": "?"}, "Invalid base64 for attachment with index '0'"),
        ({"mime-type": None}, "Attachment needs 'mime-type' param for attachment with index '0'"),
        ({"filename": None}, "Attachment needs 'filename' param for attachment with index '0'"),
    ],
)
def test_a_bad_file_refuses_the_ticket(desk: Desk, file: dict[str, Any], text: str) -> None:
    article = ARTICLE | {"attachments": [sent(b"x") | file]}
    assert desk.refused(article=article) == (422, text)


def test_pictures_inside_a_body_become_files_before_the_others(desk: Desk) -> None:
    body = f'<b>some</b> <img src="data:image/png;base64,{PNG}">'
    article = ARTICLE | {
        "body": body,
        "content_type": "text/html",
        "attachments": [sent(b"x")],
    }
    made = desk.open(article=article)
    (found,) = listed(desk, made["id"])
    picture, file = found["attachments"]
    assert picture["filename"] == "image1.png"
    assert picture["preferences"]["Content-ID"].startswith(f"{made['id']}.")
    assert "Content-ID" not in file["preferences"]
    place = f"/api/v1/ticket_attachment/{made['id']}/{found['id']}/{picture['id']}?view=inline"
    assert place in found["body"]
    assert "cid:" not in found["body"]
    assert found["content_type"] == "text/html"


# --- who sees what --------------------------------------------------------------------------


def test_what_is_internal_no_customer_sees(desk: Desk) -> None:
    _, agent = desk.agent()
    person, key = desk.customer()
    ticket = desk.open(customer_id=person, article=ARTICLE | {"type": "phone"})["id"]
    note = add(desk, ticket, key=agent, internal=True, attachments=[sent(b"secret")])
    assert len(listed(desk, ticket)) == 2
    assert [one["internal"] for one in listed(desk, ticket, key=key)] == [False]
    shown = desk.get(f"/api/v1/tickets/{ticket}", key=key, full=True)
    assert shown["assets"]["Ticket"][str(ticket)]["article_ids"] != []
    assert note["id"] not in shown["assets"]["Ticket"][str(ticket)]["article_ids"]
    assert shown["assets"]["Ticket"][str(ticket)]["article_count"] == 1
    for method, body in (("GET", None), ("PUT", {"internal": False}), ("DELETE", None)):
        path = f"/api/v1/ticket_articles/{note['id']}"
        answer = desk.call(method, path, body, key=key)
        assert (answer.status, answer.error) == (403, "Not authorized")
    file = note["attachments"][0]["id"]
    answer = desk.call("GET", f"/api/v1/ticket_attachment/{ticket}/{note['id']}/{file}", key=key)
    assert (answer.status, answer.error) == (403, "Not authorized")


def test_only_internal_and_highlights_change(desk: Desk) -> None:
    ticket = desk.open()
    made = add(desk, ticket["id"], preferences={"a": 1, "highlight": "x"})
    path = f"/api/v1/ticket_articles/{made['id']}"
    values = {"subject": "y", "body": "z", "internal": True}
    values |= {"preferences": {"a": 2, "highlight": "y"}}
    changed = desk.call("PUT", path, values).json
    expected = made | {"internal": True, "preferences": {"a": 1, "highlight": "y"}}
    assert {**changed, "updated_at": None} == {**expected, "updated_at": None}
    thread = Osticket(desk.cloud).get(ticket["number"])["thread"]
    assert [entry["type"] for entry in thread] == ["note"]
    back = desk.call("PUT", path, {"internal": False}).json
    assert back["internal"] is False
    thread = Osticket(desk.cloud).get(ticket["number"])["thread"]
    assert [entry["type"] for entry in thread] == ["response"]


def test_words_move_with_who_may_see_them(desk: Desk) -> None:
    ticket = desk.open(article=ARTICLE | {"body": "shared alpha"})["id"]
    made = add(desk, ticket, body="shared beta")
    desk.settle()

    def words(seen: str) -> set[str]:
        found = world.items("index", begins="W#")
        keys = [item["sk"]["S"] for item in found]
        # The title that stands above every article is searched as well.
        return {key.split("#")[0] for key in keys if key.endswith(seen)} - {"it", "burns"}

    assert words("#public") == {"shared", "alpha", "beta"}
    desk.call("PUT", f"/api/v1/ticket_articles/{made['id']}", {"internal": True})
    desk.settle()
    assert words("#public") == {"shared", "alpha"}
    assert words("#note") == {"shared", "beta"}
    assert desk.call("DELETE", f"/api/v1/ticket_articles/{made['id']}").json == {}
    desk.settle()
    assert words("#note") == set()
    assert "beta" not in str(world.items())


# --- lists ----------------------------------------------------------------------------------


def test_all_articles_by_id_in_pages(desk: Desk) -> None:
    first, other = (desk.open(article=ARTICLE)["id"] for _ in range(2))
    added = [add(desk, ticket)["id"] for ticket in (first, other, first)]
    group = desk.row("departments", name="Elsewhere")
    hidden = desk.open(group="Elsewhere", article=ARTICLE)["article_ids"][0]
    desk.settle()
    path = "/api/v1/ticket_articles"
    ids = [one["id"] for one in desk.get(path)]
    assert ids == sorted(ids)
    assert {*added, hidden} <= set(ids)
    assert desk.get(path)[0] == desk.get(f"{path}/{ids[0]}")
    assert [one["id"] for one in desk.get(path, per_page=2, page=2)] == ids[2:4]
    newest = desk.get(path, sort_by="created_at", order_by="desc", per_page=1)
    assert [one["id"] for one in newest] == ids[-1:]
    assert desk.get(path, page=9) == []
    full = desk.get(path, full=True, per_page=3)
    assert (full["record_ids"], full["total_count"]) == (ids[:3], len(ids))
    assert full["assets"]["TicketArticle"].keys() == set(map(str, ids[:3]))
    assert full["assets"].keys() >= {"Ticket", "User", "Group"}
    refused = desk.call("GET", path, sort_by="body")
    assert (refused.status, refused.error) == (422, "Found invalid column 'body' for sorting.")
    admin = ["can_read_tickets", "can_delete_tickets"]
    own = desk.cloud.key(permissions=admin, departments=[group])["key"]
    assert [one["id"] for one in desk.get(path, key=own)] == [hidden]
    for key in (desk.agent()[1], desk.customer()[1]):
        refused = desk.call("GET", path, key=key)
        assert (refused.status, refused.error) == (403, "Not authorized (user)!")


# --- deletion -------------------------------------------------------------------------------


def test_who_may_delete_an_article(desk: Desk, timed: None) -> None:
    _, key = desk.agent()
    _, other = desk.agent("Bob Agent")
    person, customer = desk.customer()
    ticket = desk.open(customer_id=person)["id"]

    def delete(article: Any, who: str) -> tuple[int, Any]:
        answer = desk.call("DELETE", f"/api/v1/ticket_articles/{article['id']}", key=who)
        return answer.status, answer.json if answer.status == 200 else answer.error

    note = add(desk, ticket, key=key)
    assert delete(note, customer) == (403, "Not authorized (agent permission required)!")
    own = "Not authorized (you can only delete your own notes)!"
    assert delete(note, other) == (403, own)
    mail = add(desk, ticket, key=key, type="email", to="x@example.org")
    said = "Not authorized (communication articles cannot be deleted)!"
    assert delete(mail, key) == (403, said)
    assert delete(note, key) == (200, {})
    old = add(desk, ticket, key=key)
    world.later(minutes=11)
    assert delete(old, key) == (403, "Not authorized (note is too old to be deleted)!")
    assert len(listed(desk, ticket)) == 2


# --- customers ------------------------------------------------------------------------------


def test_a_customer_s_article_is_theirs_and_public(desk: Desk) -> None:
    person, key = desk.customer("jane.doe@example.com")
    ticket = desk.open(key=key)["id"]
    asked = {"type": "email", "sender": "Agent", "internal": True, "origin_by": "nobody"}
    made = add(desk, ticket, key=key, **asked)
    assert (made["type"], made["sender"], made["internal"]) == ("note", "Customer", False)
    assert made["created_by_id"] == made["origin_by_id"] == person
    web = add(desk, ticket, key=key, type="web")
    assert web["from"] == "Jane Doe <jane.doe@example.com>"


def test_a_closed_ticket_takes_no_follow_up_where_the_group_wants_none(desk: Desk) -> None:
    _, key = desk.customer()
    ticket = desk.open(key=key)["id"]
    desk.change(ticket, state="closed")
    text = "Cannot follow-up on a closed ticket. Please create a new ticket."
    desk.cloud.call("PATCH", "/api/admin/departments/1", {"follow_up": "new_ticket"})
    body = {"ticket_id": ticket, **ARTICLE}
    for method, path, values in (
        ("PUT", f"/api/v1/tickets/{ticket}", {"state": "open"}),
        ("POST", "/api/v1/ticket_articles", body),
    ):
        answer = desk.call(method, path, values, key=key)
        assert (answer.status, answer.error) == (422, text)
    assert desk.change(ticket, state="open")["state_id"] == 2
    desk.change(ticket, state="closed")
    desk.cloud.call("PATCH", "/api/admin/departments/1", {"follow_up": "yes"})
    assert desk.change(ticket, key=key, state="open")["state_id"] == 2


# --- mail -----------------------------------------------------------------------------------


def mailed() -> list[str]:
    """The addresses to which mails go of all that has happened."""
    if table.get(MAIL_SECRET) is None:
        transact.write(transact.put_new(MAIL_SECRET, {"secret": "0" * 64}))
    before = len(world.mails())
    for key in world.waiting():
        for event in outbox.load([key], "notify"):
            asked.notify(event.id)
    return sorted(mail["To"].addresses[0].addr_spec for mail in world.mails()[before:])


def test_an_email_article_goes_to_whom_it_names(desk: Desk) -> None:
    _, key = desk.agent()
    desk.settings(ticket_alert_active=False)
    ticket = desk.open(key=key)["id"]
    add(desk, ticket, key=key)
    assert mailed() == []
    named = {"to": "A <a@example.org>, b@example.org", "cc": "c@example.org", "type": "email"}
    made = add(desk, ticket, key=key, **named)
    assert (made["to"], made["cc"]) == (named["to"], named["cc"])
    assert mailed() == ["a@example.org", "b@example.org", "c@example.org"]
    add(desk, ticket, key=key, type="email", to="nobody")
    assert mailed() == ["jane@example.com"]


def test_a_ticket_may_begin_with_a_mail(desk: Desk) -> None:
    _, key = desk.agent()
    desk.settings(ticket_alert_active=False)
    desk.open(key=key, **MINIMAL, article=ARTICLE | {"type": "email", "to": "x@example.org"})
    assert mailed() == ["x@example.org"]


def test_an_article_that_came_by_no_mail_has_no_raw_copy(desk: Desk) -> None:
    made = add(desk, desk.open()["id"])
    answer = desk.call("GET", f"/api/v1/ticket_article_plain/{made['id']}")
    assert (answer.status, answer.error) == (
        404,
        "This article does not have a raw copy available.",
    )


@pytest.mark.parametrize("path", ["ticket_articles", "ticket_article_plain"])
def test_no_such_article(desk: Desk, path: str) -> None:
    answer = desk.call("GET", f"/api/v1/{path}/99")
    assert (answer.status, answer.error) == (404, "Couldn't find Ticket::Article with 'id'=99")


def test_an_article_too_large_for_an_answer_is_shown_elsewhere(desk: Desk) -> None:
    ticket = desk.open()["id"]
    # Lambda sends twelve bytes for each of these.
    body = {"ticket_id": ticket, "body": "\N{FIRE}" * 520_000}
    answer = desk.call("POST", "/api/v1/ticket_articles", body)
    assert (answer.status, answer.text) == (302, "")
    (number,) = desk.get(f"/api/v1/tickets/{ticket}", expand=True)["article_ids"]
    for method, sent_body in (("GET", None), ("PUT", {"internal": True})):
        answer = desk.call(method, f"/api/v1/ticket_articles/{number}", sent_body)
        assert answer.status == 302
        assert "/derived/" in answer.headers["Location"]


def test_a_mail_tells_whom_it_is_from_and_to_and_how_it_went_out(desk: Desk) -> None:
    _, key = desk.agent()
    opened = desk.open(key=key, customer_id="guess:jane@example.com", article={"body": "Hi"} | MAIL)
    added = [
        add(desk, opened["id"], key=key, **MAIL),
        add(desk, opened["id"], key=key, **MAIL, to="nobody"),
        add(desk, opened["id"], key=key, **MAIL, to="x@example.org", **{"from": "me"}),
        add(desk, opened["id"], **MAIL),
    ]
    assert added[0]["message_id"] is None
    assert [to for to in mailed() if "boss" not in to] == [
        *["jane@example.com"] * 4,
        "x@example.org",
    ]
    rows = listed(desk, opened["id"])
    assert [(row["from"], row["to"]) for row in rows] == [
        ('"Ann Agent via Support" <support@desk.example>', "jane@example.com"),
        ('"Ann Agent via Support" <support@desk.example>', "jane@example.com"),
        ('"Ann Agent via Support" <support@desk.example>', "jane@example.com"),
        ("me", "x@example.org"),
        ('"Support" <support@desk.example>', "jane@example.com"),
    ]
    assert len({row["message_id"] for row in rows} - {None}) == 5


def test_a_mail_to_a_customer_without_an_address_is_refused(desk: Desk) -> None:
    person = desk.call("POST", "/api/v1/users", {"firstname": "Jane"}).json["id"]
    text = "Sending an email without a valid recipient is not possible."
    status, error = desk.refused(customer_id=person, article=ARTICLE | MAIL)
    assert (status, error) == (422, text)
    ticket = desk.open(customer_id=person)["id"]
    body = {"ticket_id": ticket, **ARTICLE, **MAIL}
    answer = desk.call("POST", "/api/v1/ticket_articles", body)
    assert (answer.status, answer.error) == (422, text)
    assert answer.json["invalid_attribute"] == {"email_recipient": text}


def test_files_are_of_any_type_and_many(desk: Desk) -> None:
    ticket = desk.open()["id"]
    kinds = ("application/octet-stream", "application/x-unheard-of", "video/mp4")
    files = [sent(b"x", f"{n}.bin", kind) for n in range(4) for kind in kinds]
    assert len(add(desk, ticket, attachments=files)["attachments"]) == 12
    body = {"ticket_id": ticket, **ARTICLE, "attachments": [sent(b"x")] * 61}
    assert desk.call("POST", "/api/v1/ticket_articles", body).status == 413
