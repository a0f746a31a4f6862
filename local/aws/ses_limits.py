"""SES's limits: its sandbox, mails per second, mails per 24 hours.

Rules: SES developer guide, "Request production access", "Managing your sending limits", "Errors
related to the sending quotas", "Email sending errors". Not in the guide: a refused mail counts
against neither limit; the code of both is TooManyRequestsException, as observed with SES.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping
from threading import Lock
from typing import Any, NamedTuple

from local.cloudformation.intrinsics import REGION
from local.options import FaultOptions

DAY = 86_400.0

SIMULATOR = "simulator.amazonses.com"
"""Domain of the mailbox simulator, which the sandbox allows, too."""

UNLIMITED_RATE = 1_000.0
"""The reported maximum send rate per second if there is no limit."""


class Refusal(NamedTuple):
    """An error of SendEmail."""

    status: int
    code: str
    words: str


class SesLimits:
    """SES's current limits, by the options `ses_...`."""

    def __init__(self, options: FaultOptions) -> None:
        self._options = options
        self._lock = Lock()
        self._sent: deque[float] = deque()
        self._left = 1.0
        self._at = time.monotonic()

    def forget(self) -> None:
        """Forget all sent mail."""
        with self._lock:
            self._sent.clear()
            self._left, self._at = max(self._options.ses_rate, 1.0), time.monotonic()

    def refuse(self, body: bytes) -> Refusal | None:
        """The error for a SendEmail request; None if its mail is accepted, and counts."""
        options = self._options
        request = json.loads(body)
        unverified = self._unverified(request) if options.ses_sandbox else []
        if unverified:
            named = ", ".join(unverified)
            return Refusal(
                400,
                "MessageRejected",
                "Email address is not verified. The following identities failed the check in "
                f"region {REGION.upper()}: {named}",
            )
        with self._lock:
            at = time.monotonic()
            while self._sent and self._sent[0] <= at - DAY:
                self._sent.popleft()
            if options.ses_quota and len(self._sent) >= options.ses_quota:
                return Refusal(429, "TooManyRequestsException", "Daily message quota exceeded.")
            if options.ses_rate:
                most = max(options.ses_rate, 1.0)
                self._left = min(most, self._left + (at - self._at) * options.ses_rate)
                self._at = at
                if self._left < 1:
                    words = "Maximum sending rate exceeded."
                    return Refusal(429, "TooManyRequestsException", words)
                self._left -= 1
            self._sent.append(at)
        return None

    def _unverified(self, request: Mapping[str, Any]) -> list[str]:
        to = [one for kind in request.get("Destination", {}).values() for one in kind]
        sender = str(request.get("FromEmailAddress", ""))
        return [one for one in (sender, *to) if not self._is_verified(one.lower())]

    def _is_verified(self, address: str) -> bool:
        domain = address.rpartition("@")[2]
        return domain == SIMULATOR or bool({address, domain} & self._options.ses_verified)

    def account(self) -> dict[str, Any]:
        """The response of GetAccount."""
        options, at = self._options, time.monotonic()
        with self._lock:
            lately = sum(1 for sent in self._sent if sent > at - DAY)
        return {
            "ProductionAccessEnabled": not options.ses_sandbox,
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {
                "Max24HourSend": float(options.ses_quota or 50_000),
                "MaxSendRate": options.ses_rate or UNLIMITED_RATE,
                "SentLast24Hours": float(lately),
            },
        }
