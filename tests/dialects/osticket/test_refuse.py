"""Every error in both ways of writing it down."""

import json

import pytest

from dialects.endpoint import KeyExpired
from dialects.osticket.core import refuse as core
from dialects.osticket.plugin import refuse as plugin
from helpdesk import errors
from helpdesk.errors import Problem
from tests.dialects.osticket.conftest import request


class Strange(errors.DeskError):
    """An error that nobody has worded."""


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (errors.NotFound("sla", "Gold"), 404, "SLA 'Gold' not found"),
        (errors.NotFound("agent", "joe"), 404, "Staff member not found"),
        (errors.NotFound("status", 9), 404, "Status not found"),
        (errors.Inactive("sla", 1), 400, "SLA is not active"),
        (errors.NotAllowed("can_act_for_others"), 403, "API key not authorized"),
        (errors.ChangedUnderYou(), 409, "Changed by others meanwhile, try again later"),
        (errors.KeyReused(), 409, "Idempotency-Key was used for another request"),
        (errors.Conflict("in_use"), 409, "The request contradicts what is stored"),
        (errors.TooLarge("item", 1), 413, "Request is too large. Send files by POST /api/uploads"),
        (errors.Throttled(), 429, "Too many requests, try again later"),
        (errors.Unavailable(), 503, "Service unavailable, try again later"),
        (Strange(), 500, "Internal server error"),
        (ZeroDivisionError("secret detail"), 500, "Internal server error"),
    ],
)
def test_every_error_has_words_in_both_shapes(error: Exception, status: int, text: str) -> None:
    bare = core.refuse(error, request())
    assert (bare.status, bare.body) == (status, text)
    told = plugin.refuse(error, request())
    assert told.status == status
    assert told.type == "application/json; charset=UTF-8"
    assert json.loads(str(told.body)) == {"error": True, "message": text}


def test_a_key_that_ran_out_is_401_in_json_everywhere() -> None:
    for dialect in (core, plugin):
        answer = dialect.refuse(KeyExpired(), request())
        assert answer.status == 401
        assert answer.body == '{"error":true,"message":"Valid API key required"}'


@pytest.mark.parametrize(
    ("permission", "text"),
    [
        ("can_read_tickets", "API key not authorized to read tickets"),
        ("can_update_tickets", "API key not authorized to update tickets"),
        ("can_search_tickets", "API key not authorized to search tickets"),
        ("can_delete_tickets", "API key not authorized to delete tickets"),
        ("can_read_stats", "API key not authorized to read ticket statistics"),
        ("can_manage_subtickets", "API key not authorized for subticket operations"),
    ],
)
def test_missing_permissions_have_the_plugins_texts(permission: str, text: str) -> None:
    error = errors.NotAllowed(permission)
    assert json.loads(str(plugin.refuse(error, request()).body))["message"] == text
    assert core.refuse(error, request()).body == "API key not authorized"


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("30", "required"), "This is a required field"),
        (Problem("30", "required", "Room"), "Room is a required field"),
        (Problem("30", "phone", "P"), "Enter a valid phone number"),
        (Problem("30", "phone_extension", "P"), "Enter a valid phone extension"),
        (Problem("30", "phone_missing", "P"), "Enter a phone number for the extension"),
        (Problem("30", "email", "E"), "Enter a valid email address"),
        (Problem("30", "ip", "I"), "Enter a valid IP address"),
        (Problem("30", "number", "N"), "Enter a Number"),
        (Problem("30", "pattern", "N"), "Value does not match required pattern"),
        (Problem("30", "date", "D"), "D is not a valid date"),
        (
            Problem("30", "too_early", "D", "2026-01-01"),
            "Selected date is earlier than permitted (2026-01-01)",
        ),
        (
            Problem("30", "too_late", "D", "2026-01-01"),
            "Selected date is later than permitted (2026-01-01)",
        ),
        (Problem("30", "unheard_of"), "Invalid value"),
    ],
)
def test_problems_of_a_field(problem: Problem, line: str) -> None:
    answer = core.refuse(errors.Invalid(problem), request())
    assert answer.body == f"Unable to create new ticket :30\n{line}"


def test_several_problems_of_one_field_share_a_line() -> None:
    error = errors.Invalid(Problem("30", "ip"), Problem("20", "required"), Problem("30", "number"))
    assert core.refuse(error, request()).body == (
        "Unable to create new ticket :30\nEnter a valid IP address,Enter a Number\n"
        "20\nThis is a required field"
    )


def test_sizes_are_told_in_megabytes() -> None:
    error = errors.Invalid(Problem("attachments", "file_too_large", "a.pdf", str(10 * 1024 * 1024)))
    assert core.refuse(error, request()).body == (
        "Unable to create new ticket :attachments\na.pdf: File size is too large (at most 10 MB)"
    )
