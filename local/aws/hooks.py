"""What all clients of AWS in this process do beside calling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore import handlers


def hook(event: str, handler: Callable[..., Any]) -> None:
    """Let every client that is made from now on call a handler at an event of botocore's."""
    if (event, handler) not in handlers.BUILTIN_HANDLERS:
        handlers.BUILTIN_HANDLERS.append((event, handler))
        # A session takes its handlers up when it is made, and boto3 may have kept one since before.
        boto3.setup_default_session()
