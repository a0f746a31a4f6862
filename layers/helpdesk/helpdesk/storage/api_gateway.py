"""API Gateway's control plane: the API keys for counting and throttling, and the authorizer caches.

Its API keys ("gateway keys") are not the desk's secrets: clients never see them. The authorizer
names the one under which a request is counted and throttled (docs/aws.md m10). Their values are
unique, their names are not.
"""

from contextlib import suppress
from datetime import date, timedelta

from helpdesk.errors import DeskError, NotFound
from helpdesk.storage import aws


class NoMoreKeys(DeskError):
    """The account has reached API Gateway's limit of keys."""


def find_key(name: str) -> tuple[str, str] | None:
    """Id and value of the gateway key of this name."""
    with aws.translated():
        pages = aws.apigateway().get_paginator("get_api_keys")
        for page in pages.paginate(nameQuery=name, includeValues=True):
            for key in page["items"]:
                # The query matches prefixes, too.
                if key["name"] == name:
                    return key["id"], key["value"]
    return None


def find_keys(beginning: str) -> list[str]:
    """The ids of all gateway keys whose names start with `beginning`."""
    with aws.translated():
        pages = aws.apigateway().get_paginator("get_api_keys")
        return [key["id"] for page in pages.paginate(nameQuery=beginning) for key in page["items"]]


def make_key(name: str, value: str) -> str:
    """The id of the gateway key with this name and value; creates it if there is none.

    Raises:
        NoMoreKeys: The account has reached API Gateway's limit of keys.
        NotFound: The value belongs to another key.
    """
    client = aws.apigateway()
    with aws.translated():
        try:
            return client.create_api_key(name=name, value=value, enabled=True)["id"]
        except client.exceptions.LimitExceededException as error:
            raise NoMoreKeys from error
        except client.exceptions.ConflictException as error:
            # An earlier run created the key and was interrupted.
            found = find_key(name)
            if found is None or found[1] != value:
                raise NotFound("gateway key", name) from error
            return found[0]


def join_plan(key: str, plan: str) -> None:
    """Adds a gateway key to a usage plan."""
    client = aws.apigateway()
    with aws.translated(), suppress(client.exceptions.ConflictException):  # it is there already
        client.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")


def remove_key(key: str) -> None:
    """Removes a gateway key, if it exists."""
    client = aws.apigateway()
    with aws.translated(), suppress(client.exceptions.NotFoundException):
        client.delete_api_key(apiKey=key)


def usage(plan: str, key: str, first: date, last: date) -> dict[str, int]:
    """The number of requests counted under a gateway key, by day (`2026-11-28`), from `first` to
    `last` inclusive.

    Raises:
        NotFound: The plan has no such key.
    """
    client = aws.apigateway()
    counted: list[list[int]] = []
    with aws.translated():
        pages = client.get_paginator("get_usage").paginate(
            usagePlanId=plan, keyId=key, startDate=f"{first}", endDate=f"{last}"
        )
        try:
            for page in pages:
                # For each day, the requests used and the quota left.
                counted += page.get("items", {}).get(key, [])
        except client.exceptions.NotFoundException as error:
            raise NotFound("gateway key", key) from error
    return {f"{first + timedelta(days=n)}": used for n, (used, *_) in enumerate(counted)}


def flush_authorizer_cache(api: str, stage: str) -> None:
    """Makes API Gateway call the authorizer again for every key."""
    with aws.translated():
        aws.apigateway().flush_stage_authorizers_cache(restApiId=api, stageName=stage)
