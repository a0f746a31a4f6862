"""Every function's role allows exactly what the function does (docs/aws.md m6).

Observed in the conversation, which exercises every function, each from a cold start.
"""

import pytest

from dialects.admin.rows import BODIES
from local.aws.roles import Ask
from tests.http.conversation import ROWS, Told
from tests.http.roles import Excuse

pytestmark = pytest.mark.exhaustive
"""The conversation takes 20 seconds."""

BY_LAMBDA = "Lambda does this itself under the function's role"

EXCUSES = (
    Excuse("logs:*", "*", BY_LAMBDA),
    Excuse("xray:*", "*", BY_LAMBDA),
    Excuse("dynamodb:*", "table/*/stream/*", BY_LAMBDA, role="RelayEvents"),
    Excuse("s3:*", "*", BY_LAMBDA, role="RelayEvents"),
    Excuse("sqs:*", "*-NotifyQueue", BY_LAMBDA, role="SendMail"),
    Excuse("sqs:*", "*-ProjectQueue", BY_LAMBDA, role="ProjectEvents"),
    Excuse("sqs:*", "*-BroadcastQueue", BY_LAMBDA, role="SendBroadcasts"),
    Excuse(
        "sqs:SendMessage",
        "*-BroadcastQueue",
        "nothing was lost on the way there: the other two queues show that it would be found",
        role="RequeueEvents",
    ),
    Excuse("sqs:SendMessage", "*-FailedCalls", BY_LAMBDA),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="ReadTickets"),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="SearchTickets"),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="UpdateTickets"),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="ChangeArticles"),
    Excuse("s3:*", "*/derived/*", "a list of 6 MB is 5,000 users", role="ReadPeople"),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="ReadMail"),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="SearchPeople"),
    Excuse("s3:GetObject", "*/derived/*", "whoever has the link reads it", role="SearchAll"),
    Excuse(
        "dynamodb:ConditionCheckItem",
        "table/*",
        "the admin hears once a day who has too many open tickets, and here by the other door",
        role="CreateTicketsByMail",
    ),
    Excuse(
        "sqs:ChangeMessageVisibility",
        "*",
        "what is left of a move that was stopped, as what no schedule needs",
        role="MoveMessages",
    ),
    Excuse("apigateway:DELETE", "*", "no stack is deleted here", role="SetUpDesk"),
    Excuse("s3:PutObject", "*/uploads/*", "whoever has the form puts it", role="OpenUploads"),
    Excuse(
        "ses:SendEmail",
        "*",
        "the action that the call's documentation names; for a raw mail SES asks for the other",
        role="SendMail",
    ),
    Excuse("ses:SendEmail", "*", "as for SendMail", role="SendBroadcasts"),
)


def test_every_kind_of_rows_was_spoken_of() -> None:
    assert set(ROWS) | {"templates"} == set(BODIES)


def test_no_function_lacks_a_permission(told: Told) -> None:
    assert sorted(map(str, told.roles.missing(told.asks))) == []


def test_no_role_has_a_permission_that_none_of_its_functions_needs(told: Told) -> None:
    idle = told.roles.idle(told.asks)
    assert sorted(str(grant) for grant in idle if not any(e.covers(grant) for e in EXCUSES)) == []


KEYS, MAIL_SECRET = "K#", "MAIL"
WRITES = {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}


@pytest.mark.parametrize("kind", [KEYS, MAIL_SECRET])
def test_secrets_are_for_the_roles_that_need_them(told: Told, kind: str) -> None:
    of = told.roles.of
    context = frozenset({("dynamodb:LeadingKeys", kind)})
    functions = {role: name for name, role in of.items()}
    (desk,) = {one.resource for one in told.roles.denials}
    every = WRITES | {"dynamodb:BatchGetItem"}
    may = {
        (role, action)
        for role, name in functions.items()
        for action in every
        if told.roles.allow(Ask(name, action, desk, context))
    }
    used = {(of[ask.function], ask.action) for ask in told.asks if context <= ask.context}
    # Who writes what lets somebody in may do so in any way that it writes with.
    writers = {role for role, action in used if action in WRITES}
    assert used <= may
    assert {role for role, action in may if action in WRITES} == writers
    assert {role for role, action in may if action not in WRITES} - writers == {
        role for role, action in used if action not in WRITES
    } - writers


def test_every_excuse_is_needed(told: Told) -> None:
    idle = told.roles.idle(told.asks)
    assert [excuse for excuse in EXCUSES if not any(map(excuse.covers, idle))] == []
