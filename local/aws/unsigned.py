"""Clients of this process send their access key without a signature, which is not checked here.

Signing takes a tenth of a call's time. Requests to other addresses, and all presigned links, are
still signed by botocore.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import get_current_datetime
from moto.core.models import botocore_stubber

_sign = SigV4Auth.add_auth

here: set[str] = set()
"""Addresses (`http://127.0.0.1:4711`) at which signatures are not checked."""


def _add_auth(self: SigV4Auth, request: AWSRequest) -> None:
    url = urlsplit(str(request.url))
    unseen = botocore_stubber.enabled or f"{url.scheme}://{url.netloc}" in here
    # Signers of links, and of S3's requests, are separate classes.
    if type(self) is not SigV4Auth or not unseen:
        _sign(self, request)
        return
    request.context["timestamp"] = get_current_datetime().strftime(SIGV4_TIMESTAMP)
    del request.headers["Authorization"]
    scope = f"AWS4-HMAC-SHA256 Credential={self.scope(request)}"
    request.headers["Authorization"] = f"{scope}, SignedHeaders=host, Signature=none"


def install() -> None:
    """Replace botocore's code, for the whole process."""
    SigV4Auth.add_auth = _add_auth  # type: ignore[method-assign]
