"""GET /api/docs - explore this API in a browser."""

from pathlib import Path

from dialects import explorer
from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse


@endpoint(refuse)
def handler(request: Request) -> Response:
    """The page, or one of its files."""
    return explorer.show(request, Path(__file__).parent)
