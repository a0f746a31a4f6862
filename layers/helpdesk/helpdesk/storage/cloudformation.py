"""Responses to CloudFormation, which waits for one even if the work failed (docs/aws.md m36)."""

import json
from collections.abc import Callable, Mapping
from threading import Lock, Timer
from typing import Any, Protocol
from urllib.request import Request, urlopen

from aws_lambda_powertools import Logger

from helpdesk.storage import aws

log = Logger()

RESERVE_SECONDS = 10.0
"""Seconds before the function's timeout at which it answers with a failure."""

ATTEMPTS = 3


class Context(Protocol):
    """The part of Lambda's context that is used."""

    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is stopped."""


def carry_out(
    request: Mapping[str, Any],
    context: Context,
    work: Callable[[], Mapping[str, str] | None],
    clear_up: Callable[[], None] = lambda: None,
) -> None:
    """Does the work of a custom resource and answers CloudFormation exactly once. The result of
    `work` becomes the resource's attributes, for outputs of the stack.

    The answer is success; or, on failure, the text of `aws.told`, since the rollback of a first
    deployment deletes the log; or `out of time` shortly before the function's timeout. On Delete
    `clear_up` runs instead of `work`; tables and their contents stay. Delete always answers
    success: leftovers must not block the deletion of a stack. The log names them.
    """
    answer = _Answer(request, context)
    left = context.get_remaining_time_in_millis() / 1000
    deleted = request["RequestType"] == "Delete"
    failed = "SUCCESS" if deleted else "FAILED"
    alarm = Timer(max(0.0, left - RESERVE_SECONDS), answer, (failed, "out of time"))
    alarm.daemon = True
    alarm.start()
    try:
        data = None
        if deleted:
            clear_up()
        else:
            data = work()
        answer("SUCCESS", "", data)
    except Exception as fault:  # noqa: BLE001 - CloudFormation waits an hour for silence
        reason = aws.told(fault)
        log.error("set-up failed", fault=reason)  # noqa: TRY400
        answer(failed, reason)
    finally:
        alarm.cancel()


class _Answer:
    def __init__(self, request: Mapping[str, Any], context: Context) -> None:
        self._request = request
        self._context = context
        self._lock = Lock()
        self._answered = False

    def __call__(self, status: str, reason: str, data: Mapping[str, str] | None = None) -> None:
        with self._lock:
            if self._answered:
                return
            self._answered = True
        request = self._request
        body = {
            "Status": status,
            "Reason": f"{reason} (log stream {self._context.log_stream_name})",
            # Another id would make CloudFormation delete the resource under the old one.
            "PhysicalResourceId": request.get("PhysicalResourceId", request["LogicalResourceId"]),
            "StackId": request["StackId"],
            "RequestId": request["RequestId"],
            "LogicalResourceId": request["LogicalResourceId"],
            "Data": dict(data or {}),
        }
        _deliver(request["ResponseURL"], json.dumps(body).encode())


def _deliver(url: str, body: bytes) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            # The presigned URL allows no Content-Type.
            put = Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - CloudFormation's own
            with urlopen(put, timeout=5):  # noqa: S310 - the same
                return
        except OSError as error:
            log.warning("CloudFormation did not hear", fault=type(error).__name__, attempt=attempt)
