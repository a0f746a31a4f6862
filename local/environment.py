"""The environment of this process: the addresses at which its clients find AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from local.cloudformation.intrinsics import REGION


def update(variables: Mapping[str, str | None]) -> None:
    """Set variables of this process; None removes one."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def endpoints(url: str) -> dict[str, str | None]:
    """The environment that points clients to `url`, or to the user's own AWS_ENDPOINT_URL_*."""
    elsewhere = {
        name: urlsplit(value).hostname or ""
        for name, value in os.environ.items()
        if name.startswith("AWS_ENDPOINT_URL_") and value
    }
    variables: dict[str, str | None] = {
        "AWS_ENDPOINT_URL": url,
        # Otherwise streams are requested from a host whose name begins with the account's number.
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    dynamodb = "AWS_ENDPOINT_URL_DYNAMODB"
    streams = "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"
    if dynamodb in elsewhere and streams not in elsewhere:
        variables[streams] = os.environ[dynamodb]
    if not any(host.endswith("amazonaws.com") for host in elsewhere.values()):
        # The user's own account must be out of reach: no credentials, no profile, no region.
        variables |= {
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "local",
            "AWS_PROFILE": None,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
    return variables
