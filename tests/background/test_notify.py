"""Mail out: who gets it, what it says, how it can be answered."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from helpdesk.mail import identity
from helpdesk.model import Body
from helpdesk.storage import table

from tests.background.conftest import ADMIN, Desk, later
from tests.faults import How


def test_a_new_ticket_is_confirmed_to_its_requester_and_told_to_the_admin(desk: Desk) -> None:
    event = desk.open()
    assert desk.deliver("notify", event) == []
    confirmation, alert = desk.mails()
    assert confirmation["To"] == "Ann <ann1@example.org>"
    assert confirmation["Subject"] == "Support Ticket Opened [#700001]"
    assert confirmation["From"] == "Support <support@desk.example>"
    assert alert["To"] == f"Support <{ADMIN}>"
    assert alert["Subject"] == "New Ticket Alert"
    assert desk.todo(event) == {"project"}
