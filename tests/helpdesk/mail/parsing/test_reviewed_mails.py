"""The mails of a review, each with its correct result (`mails/mail-cases.json`).

tests/helpdesk/mail/inbound/test_senders.py tests who their requester is.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from helpdesk.mail.parsing.message import read_message

CASES = json.loads((Path(__file__).parent / "mails/mail-cases.json").read_text())["mails"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_a_reviewed_mail_is_read_right(case: dict[str, Any]) -> None:
    message, right = read_message(case["mail"].encode("latin-1")), case["right"]

    assert message.subject == right.get("subject", message.subject)
    assert [one for one in right.get("has", ()) if one not in message.body.text] == []
    assert [one for one in right.get("has_not", ()) if one in message.body.text] == []
    if "files" in right:
        assert [[file.name, len(file.data)] for file in message.files] == right["files"]
    if "automatic" in right:
        assert (message.bounce or message.auto_reply) == right["automatic"]


def test_the_review_has_all_its_mails() -> None:
    assert len(CASES) == 28
