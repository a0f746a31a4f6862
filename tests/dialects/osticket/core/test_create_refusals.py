"""POST /api/tickets.json: what is refused, in which order and words, and that it leaves nothing."""

import pytest

from tests.dialects.osticket.conftest import MINIMAL, Desk

HTML = "text/html; charset=UTF-8"
PLAIN = "text/plain; charset=UTF-8"


# --- refusals, in their order ---------------------------------------------------------------


def test_all_that_is_missing_is_said_at_once(desk: Desk) -> None:
    answer = desk.create({"source": "API"})
    assert (answer.status, answer.type) == (400, HTML)
    assert answer.text == (
        "Unable to create new ticket :user\nIncomplete client information\n"
        "20\nIssue Summary is a required field\n21\nIssue Details is a required field"
    )


def test_bodies_that_are_no_json(desk: Desk) -> None:
    answer = desk.create(raw=b'{"a":')
    assert (answer.status, answer.type) == (400, HTML)
    assert answer.text == "Syntax error, malformed JSON"
    assert desk.create(raw=b"").text == "Syntax error, malformed JSON"
    assert desk.create({}).text == "No errors"


def test_a_format_is_refused_in_plain_text(desk: Desk) -> None:
    answer = desk.create(MINIMAL | {"format": "rtf", "departmentId": "Nowhere"})
    assert (answer.status, answer.type) == (400, PLAIN)
    assert answer.text == "Invalid format. Allowed: markdown, html, text"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"departmentId": "Nowhere"}, "Department 'Nowhere' not found"),
        ({"departmentId": 99}, "Department not found"),
        ({"departmentId": "99"}, "Department not found"),
        ({"topicId": "Nothing"}, "Help Topic 'Nothing' not found"),
        ({"priority": "Whenever"}, "Priority 'Whenever' not found"),
        ({"parentTicketId": "424242"}, "Parent ticket not found"),
        ({"parentTicketNumber": "no/such"}, "Parent ticket not found"),
        ({"departmentId": "Nowhere", "subject": ""}, "Department 'Nowhere' not found"),
    ],
)
def test_unknown_names_create_nothing(desk: Desk, values: dict[str, object], words: str) -> None:
    assert desk.refused(**values) == (404, words)


def test_what_is_switched_off_is_refused(desk: Desk) -> None:
    off = desk.row("departments", name="Closed shop", active=False)
    assert desk.refused(departmentId=off) == (400, "Department is not active")
    topic = desk.row("topics", name="Old", active=False)
    assert desk.refused(topicId=topic) == (400, "Help Topic is not active")


def test_due_dates(desk: Desk) -> None:
    assert desk.failed(duedate="someday") == "duedate\nInvalid due date"
    assert desk.failed(duedate="2001-01-01") == "duedate\nDue date must be in the future"
    both = desk.failed(duedate="someday", subject="", email="nobody")
    assert both == "duedate\nInvalid due date\n20\nIssue Summary is a required field"


def test_a_banned_sender_is_forbidden_before_the_form_is_read(desk: Desk) -> None:
    status, words = desk.refused(email="Test@Example.com", subject="")
    assert status == 403
    assert words == (
        "Unable to create new ticket :Ticket denied: test@example.com\n\n"
        "This help desk is for use by authorized users only"
    )
    # A wrong due date goes before the ban.
    assert desk.failed(email="test@example.com", duedate="x") == "duedate\nInvalid due date"


def test_a_ban_list_may_hold_patterns(desk: Desk) -> None:
    desk.settings(ban_list=["*@spam.example", "a*b*b@x.example"])
    for address in ("Joe@Spam.example", "ab-b@x.example"):
        assert desk.refused(email=address)[0] == 403
    for address in ("joe@notspam.example", "joe@spam.example.org", "ab@x.example"):
        assert desk.open(email=address)


@pytest.mark.parametrize(
    "values", [{"email": "not-an-email"}, {"name": ""}, {"phone": "123"}, {"email": 5}]
)
def test_a_new_requester_must_be_whole(desk: Desk, values: dict[str, object]) -> None:
    assert desk.failed(**values) == "user\nIncomplete client information"


def test_texts_must_be_texts(desk: Desk) -> None:
    assert desk.failed(message=["x"]) == "21\nText expected"
    assert desk.failed(subject={"a": "b"}) == "20\nText expected"


def test_times_name_their_field(desk: Desk) -> None:
    field = desk.row("fields", name="since", label="Since", form="ticket", kind="datetime")
    assert desk.failed(since="long ago") == f"{field}\nSince is not a valid date"


# --- attachments ----------------------------------------------------------------------------


def test_one_bad_file_refuses_the_whole_request(desk: Desk) -> None:
    good = {"ok.txt": "data:;base64,aGk="}
    bad = {"bad.txt": "data:;base64,a"}
    assert desk.failed(attachments=[good, bad]) == "attachments\nbad.txt: Invalid base64 data"
    exe = {"evil.exe": "data:application/x-msdownload;base64,aGk="}
    assert desk.failed(attachments=[good, exe]) == (
        "attachments\nevil.exe: File type is not allowed (exe)"
    )
    assert desk.failed(attachments=[good] * 6) == "attachments\nToo many files (at most 5)"


def test_a_refusal_that_quotes_a_name_is_no_html(desk: Desk) -> None:
    answer = desk.create(MINIMAL | {"attachments": [{"<img src=x onerror=y>.exe": "x"}]})
    assert (answer.status, answer.type) == (400, PLAIN)
