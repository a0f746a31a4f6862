"""Only one receipt rule set is active per account and region: how stacks deal with that."""

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
    assert provisioning.receive_mail(OURS, "").startswith("Mail comes")
    assert active() == OURS
    assert provisioning.receive_mail(OURS, OURS).startswith("Mail comes")
    assert active() == OURS


def test_another_set_stays_active_and_whoever_deploys_is_told_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    aside("ses").set_active_receipt_rule_set(RuleSetName=THEIRS)
    told = provisioning.receive_mail(OURS, "")
    assert active() == THEIRS
    assert told.startswith("NO MAIL COMES")
    assert f"ReceiptRuleSet={THEIRS}" in told
    # The alarm of logged errors would take back an update.
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_a_stack_that_joins_others_leaves_them_alone() -> None:
    aside("ses").set_active_receipt_rule_set(RuleSetName=THEIRS)
    assert "off" in provisioning.receive_mail("", "")
    assert provisioning.receive_mail("", "", THEIRS).startswith("Mail comes")
    assert active() == THEIRS


def test_a_stack_that_joins_a_set_that_is_not_active_says_so() -> None:
    assert provisioning.receive_mail("", "", THEIRS).startswith("NO MAIL COMES")
    aside("ses").set_active_receipt_rule_set(RuleSetName=OURS)
    assert f"ReceiptRuleSet={OURS}" in provisioning.receive_mail("", "", THEIRS)
    assert active() == OURS


def test_the_set_that_a_stack_gives_up_is_active_no_more() -> None:
    provisioning.receive_mail(OURS, "")
    provisioning.receive_mail("", OURS)
    assert active() == ""


def test_what_has_become_active_since_stays_so() -> None:
    provisioning.receive_mail(OURS, "")
    aside("ses").set_active_receipt_rule_set(RuleSetName=THEIRS)
    provisioning.receive_mail("", OURS)
    assert active() == THEIRS
