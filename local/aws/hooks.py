"""Event handlers for all AWS clients in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore import handlers


def hook(event: str, handler: Callable[..., Any]) -> None:
    """Register a handler for a botocore event with every client created from now on."""
    if (event, handler) not in handlers.BUILTIN_HANDLERS:
        handlers.BUILTIN_HANDLERS.append((event, handler))
        # A session copies the handlers when it is created, and boto3 may have cached an older one.
        boto3.setup_default_session()
