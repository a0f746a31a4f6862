"""Pictures of people (docs/zammad.md 17.24)."""

from base64 import b64decode

from dialects.endpoint import Response
from dialects.zammad import show

_PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A GIF of one transparent pixel."""


def pixel() -> Response:
    """Everybody's picture: a blank one."""
    return Response(200, _PIXEL, "image/gif", {**show.HEADERS, "Content-Disposition": "inline"})
