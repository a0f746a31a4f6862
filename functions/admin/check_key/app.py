"""POST /api/admin/keys/{id}/check - check whether a key is accepted and has a permission."""

from dialects.admin import bodies, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import check


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The reasons why the key would be refused; nothing is changed."""
    number, question = read.number(request), bodies.key_check(request)
    address = question.get("address") or request.source_ip
    return show.checked(
        address, check.check_key(request.actor, number, address, question.get("permission"))
    )
