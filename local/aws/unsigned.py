"""Clients of this process name who asks, and do not sign: nobody who answers here would look.

A signature is a tenth of what a call costs. What goes elsewhere, and every link that is signed for
others, is signed by botocore as ever.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import get_current_datetime
from moto.core.models import botocore_stubber

_sign = SigV4Auth.add_auth

here: set[str] = set()
"""Addresses (`http://127.0.0.1:4711`) that are answered without looking at signatures."""


def _add_auth(self: SigV4Auth, request: AWSRequest) -> None:
    url = urlsplit(str(request.url))
    unseen = botocore_stubber.enabled or f"{url.scheme}://{url.netloc}" in here
    # Those that sign links, and S3's requests, are classes of their own.
    if type(self) is not SigV4Auth or not unseen:
        _sign(self, request)
        return
    request.context["timestamp"] = get_current_datetime().strftime(SIGV4_TIMESTAMP)
    del request.headers["Authorization"]
    scope = f"AWS4-HMAC-SHA256 Credential={self.scope(request)}"
    request.headers["Authorization"] = f"{scope}, SignedHeaders=host, Signature=none"


def install() -> None:
    """Put this in botocore's place, for the whole process."""
    SigV4Auth.add_auth = _add_auth  # type: ignore[method-assign]
