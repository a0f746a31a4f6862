"""One set of receipt rules is active per account and region: whose, and what a stack does."""

from collections.abc import Iterator

import pytest

from helpdesk import provisioning
from tests.desk import new_desk
from tests.world import aside

OURS, THEIRS = "desk-rules", "rules-of-others"


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    with new_desk(installed=False):
        for name in (OURS, THEIRS):
            aside("ses").create_receipt_rule_set(RuleSetName=name)
        aside("ses").set_active_receipt_rule_set()
        yield


def active() -> str:
    found = aside("ses").describe_active_receipt_rule_set()
    return str(found.get("Metadata", {}).get("Name", ""))


def test_our_set_becomes_active_where_none_is() -> None:
    provisioning.receive_mail(OURS, "")
    assert active() == OURS
    provisioning.receive_mail(OURS, OURS)
    assert active() == OURS


def test_another_set_stays_active_and_the_log_says_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    aside("ses").set_active_receipt_rule_set(RuleSetName=THEIRS)
    provisioning.receive_mail(OURS, "")
    assert active() == THEIRS
    assert "name their set as ReceiptRuleSet" in caplog.text


def test_a_stack_that_joins_others_leaves_them_alone() -> None:
    aside("ses").set_active_receipt_rule_set(RuleSetName=THEIRS)
    provisioning.receive_mail("", "")
    assert active() == THEIRS


def test_the_set_that_a_stack_gives_up_is_active_no_more() -> None:
    provisioning.receive_mail(OURS, "")
    provisioning.receive_mail("", OURS)
    assert active() == ""


def test_what_has_become_active_since_stays_so() -> None:
    provisioning.receive_mail(OURS, "")
    aside("ses").set_active_receipt_rule_set(RuleSetName=THEIRS)
    provisioning.receive_mail("", OURS)
    assert active() == THEIRS
