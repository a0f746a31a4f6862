"""Runs a long job of a desk in a series of calls, and prints its progress.

    python -m tools.jobs rebuild --stack deskless                    a deployed stack
    python -m tools.jobs rebuild --url http://localhost:8080         the desk of `make run`

`rebuild` rebuilds the Index table, `migrate` converts stored items to this version's format
(docs/operate.md). Each call works for a limited time and stores its progress, so the job can be
interrupted at any time: the next run resumes it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

FUNCTIONS: Mapping[str, str] = {
    "rebuild": "BackgroundRebuildIndex",
    "migrate": "BackgroundMigrateItems",
}
"""The function of each job, by its logical id."""

SECONDS = 60
"""How long one call works: connections that are idle for much longer may be dropped."""

PAUSE = 5.0
"""Seconds to wait before calling again while another call works on the job."""

Call = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Calls the job's function with an event; returns its result."""


class Failed(Exception):
    """The function failed, or could not be called; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    """Works until the job is done; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("job", choices=sorted(FUNCTIONS))
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", help="name of a deployed stack")
    where.add_argument("--url", help="address of a desk that runs on this machine")
    parser.add_argument("--anew", action="store_true", help="begin again, as after a restore")
    parser.add_argument("--patience", type=float, help="seconds to wait between steps")
    asked = parser.parse_args(arguments)
    event: dict[str, Any] = {"anew": asked.anew}
    if asked.patience is not None:
        event["patience"] = asked.patience
    try:
        call = (
            deployed(asked.stack, FUNCTIONS[asked.job])
            if asked.stack
            else local(asked.url, asked.job)
        )
        work(call, event)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


def work(call: Call, event: Mapping[str, Any], say: Callable[[str], None] = print) -> None:
    """Calls the function until the job is done, and reports the progress.

    Raises:
        Failed: A call failed; the progress made until then is kept.
    """
    asked = {"seconds": SECONDS, **event}
    before = ""
    while True:
        told = call(asked)
        if told["phase"] == "under way":
            say("Another call works on it; waiting.")
            time.sleep(PAUSE)
            continue
        # Only the first call that does work starts from scratch.
        asked["anew"] = False
        line = f"{told['phase']}: {told['done']} of {told['of']}" if told["of"] else told["phase"]
        if line != before:
            say(line)
        before = line
        if told["phase"] == "done":
            return


def deployed(stack: str, function: str) -> Call:
    """Calls the function of a deployed stack, with the credentials of the environment.

    Raises:
        Failed: There is no such stack, or the caller may not read it.
    """
    patient = Config(read_timeout=SECONDS * 5, retries={"total_max_attempts": 1})
    try:
        found = boto3.client("cloudformation").describe_stack_resource(
            StackName=stack, LogicalResourceId=function
        )
        name = found["StackResourceDetail"]["PhysicalResourceId"]
        client = boto3.client("lambda", config=patient)
    except (BotoCoreError, ClientError) as error:
        raise Failed(str(error)) from error

    def call(event: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
            said: Any = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError) as error:
            raise Failed(str(error)) from error
        if "FunctionError" in answer:
            raise Failed(f"{function} failed: {said.get('errorType')}. Its log says more.")
        told: Mapping[str, Any] = said
        return told

    return call


def local(url: str, job: str) -> Call:
    """Calls the function of the desk of `make run`, where nothing works for long."""

    def call(event: Mapping[str, Any]) -> Mapping[str, Any]:
        body = json.dumps({"patience": 1, **event}).encode()
        request = Request(f"{url}/local/jobs/{job}", body, method="POST")  # noqa: S310 - the caller's own
        try:
            with urlopen(request, timeout=SECONDS * 5) as answer:  # noqa: S310 - the same
                told: Mapping[str, Any] = json.load(answer)
        except (URLError, OSError, ValueError) as error:
            raise Failed(f"{url}: {error}") from error
        return told

    return call


if __name__ == "__main__":
    sys.exit(main())
