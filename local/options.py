"""Fault options: what the local cloud does like AWS only when asked.

All are off under `make run` unless the environment says otherwise, and on in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

KEY_LAG = 60.0
"""Seconds for which a strict cloud does not know a new gateway key: on AWS it takes a while."""


@dataclass
class FaultOptions:
    """Faults by chance, and what tests need of the gateway."""

    index_lag: float = 0.0
    """Seconds until a write shows in a global secondary index (or until the cloud has drained)."""
    conflict_rate: float = 0.0
    """Share of transactions that are answered with TransactionConflict."""
    duplicate_rate: float = 0.0
    """Share of queue messages and stream records that are delivered twice."""
    stage_prefix: bool = False
    """Serve the APIs under `/<stage>/` as well, as their own addresses do on AWS."""
    strict: bool = False
    """Refuse what AWS's documentation says that AWS refuses, and moto lets pass."""
    key_lag: float = 0.0
    """Seconds until a gateway key that has joined a usage plan works."""
    rates: float = 1.0
    """How many times the template's rates of requests `strict` lets through: tests ask fast."""
    on_demand: bool = False
    """Let what requests set off happen only when somebody drains the cloud, or, all but the mail,
    before a request that reads an index.
    """
    source_header: str = ""
    """Name of a header that is believed to hold the caller's address; empty believes none."""
    ses_sandbox: bool = False
    """Whether SES's account is in its sandbox: only verified addresses get mail."""
    ses_verified: frozenset[str] = frozenset({"desk.example"})
    """Addresses and domains, in lower case, that are verified there."""
    ses_rate: float = 0.0
    """Mails a second that SES takes; 0 is any number."""
    ses_quota: int = 0
    """Mails that SES takes in 24 hours; 0 is any number."""
