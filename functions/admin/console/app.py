"""GET /console - manage the desk in a browser."""

from pathlib import Path

from dialects.admin import console, refuse
from dialects.endpoint import Request, Response, endpoint


@endpoint(refuse)
def handler(request: Request) -> Response:
    """The page, or one of its files."""
    return console.show(request, Path(__file__).parent / "files")
