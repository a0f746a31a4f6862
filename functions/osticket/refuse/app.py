"""ANY /{proxy+} - refuse a wrong method or an unknown path.

API Gateway itself would answer 403 to both. A known path is behind the authorizer like its right
method; an unknown one is refused to everybody alike (osTicket contract, row D).
"""

from dialects.endpoint import Request, Response, UnknownPath, WrongMethod, endpoint
from dialects.osticket import family

ALLOWED = {
    "/api/tickets.json": ("POST",),
    "/api/http.php/tickets.json": ("POST",),
    "/api/tickets.xml": ("POST",),
    "/api/http.php/tickets.xml": ("POST",),
    "/api/tickets.email": ("POST",),
    "/api/http.php/tickets.email": ("POST",),
    "/api/tickets-get.php/{ref}": ("GET",),
    "/api/tickets-search.php": ("GET",),
    "/api/tickets-search.php.json": ("GET",),
    "/api/tickets-search.php.xml": ("GET",),
    "/api/tickets-attachment-download.php/{ref}": ("GET",),
    "/api/uploads": ("POST",),
    "/api/tickets-update.php/{ref}": ("PATCH", "PUT"),
    "/api/tickets-subtickets-parent.php/{ref}": ("GET",),
    "/api/tickets-subtickets-list.php/{ref}": ("GET",),
    "/api/tickets-subtickets-create.php/{ref}": ("POST",),
    "/api/tickets-subtickets-unlink.php/{ref}": ("DELETE",),
    "/api/tickets-statuses.php": ("GET",),
    "/api/tickets-statuses.php.json": ("GET",),
    "/api/tickets-statuses.php.xml": ("GET",),
    "/api/tickets-delete.php/{ref}": ("DELETE",),
    "/api/tickets-stats.php": ("GET",),
    "/api/tickets-stats.php.json": ("GET",),
    "/api/tickets-stats.php.xml": ("GET",),
    "/api/tasks/cron": ("POST",),
    "/api/http.php/tasks/cron": ("POST",),
    "/api/v1/tickets.php": ("GET", "POST", "PUT", "PATCH", "DELETE"),
    "/docs": ("GET",),
    "/docs/{file}": ("GET",),
}
"""What each route of this API takes, as the template has them."""


@endpoint(family)
def handler(request: Request) -> Response:
    """Always a refusal."""
    if request.resource in ALLOWED:
        raise WrongMethod(ALLOWED[request.resource])
    raise UnknownPath
