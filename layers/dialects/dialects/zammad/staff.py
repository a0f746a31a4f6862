"""Access checks for people, organizations and the catalogue (docs/zammad.md 3)."""

from dialects.endpoint import Request
from dialects.zammad import read
from dialects.zammad.refuse import Refusal
from helpdesk.model.actor import Actor

DIRECTORY = "can_manage_directory"


def actor(request: Request, *permissions: str) -> Actor:
    """The actor, if they are not a customer and the key has one of these permissions; without
    `permissions`, those of the endpoint suffice.

    Raises:
        Refusal: 403.
    """
    acting = read.actor(request)
    if acting.customer is not None:
        raise Refusal(403, "Not authorized (user)!")
    if permissions and not acting.may(*permissions):
        raise Refusal(403, "Not authorized (token)!")
    return acting
