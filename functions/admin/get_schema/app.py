"""GET /api/admin/schema - describe permissions, kinds of rows and settings, with their labels."""

from pathlib import Path

from dialects import answers
from dialects.admin import refuse
from dialects.endpoint import Request, Response, endpoint

SCHEMA = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")


@endpoint(refuse)
def handler(request: Request) -> Response:
    """Available to every valid key; the schema changes only with the code."""
    return answers.unless_known(Response(200, SCHEMA), request)
