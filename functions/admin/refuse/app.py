"""ANY on every path of the admin API, and on every other - say 405 or 404.

API Gateway itself would answer 403 to both. A known path is behind the authorizer like its other
methods; an unknown one is refused to everybody alike.
"""

from dialects import admin
from dialects.endpoint import Request, Response, UnknownPath, WrongMethod, endpoint

ALLOWED = {
    "/api/admin/keys": ("GET", "POST"),
    "/api/admin/keys/{id}": ("GET", "PATCH", "DELETE"),
    "/api/admin/keys/{id}/rotate": ("POST",),
    "/api/admin/settings": ("GET", "PATCH"),
    "/api/admin/held-mail": ("GET",),
    "/api/admin/suppressed": ("GET",),
    "/api/admin/suppressed/{address}": ("DELETE",),
    "/api/admin/{kind}": ("GET", "POST"),
    "/api/admin/{kind}/{id}": ("GET", "PATCH", "DELETE"),
}
"""What each route of this API takes, as the template has them."""


@endpoint(admin)
def handler(request: Request) -> Response:
    """Always a refusal."""
    if request.resource in ALLOWED:
        raise WrongMethod(ALLOWED[request.resource])
    raise UnknownPath
