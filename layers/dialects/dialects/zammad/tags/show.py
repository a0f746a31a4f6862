"""Shows tags as lists of names, and the list of tags."""

from collections.abc import Sequence

from dialects.endpoint import Response
from dialects.zammad import show
from helpdesk.model.relations import Tag


def of_ticket(names: Sequence[str]) -> Response:
    """The tags of a ticket in order of attachment."""
    return show.answer({"tags": list(names)})


def found(tags: Sequence[Tag]) -> Response:
    """The results of a search for tags."""
    return show.answer([{"id": tag.id, "value": tag.name} for tag in tags])


def listed(tags: Sequence[Tag]) -> Response:
    """A page of the list of tags."""
    rows = [{"id": tag.id, "name": tag.name, "count": tag.count} for tag in tags]
    return show.document(rows, "tag_list.json")
