"""Fault options: AWS behaviour that the local cloud imitates only on request.

With `make run` all are off unless set in the environment; in the tests they are on.
"""

from __future__ import annotations

from dataclasses import dataclass

KEY_LAG = 60.0
"""Seconds for which a strict cloud does not accept a new gateway key: on AWS it takes a while."""


@dataclass
class FaultOptions:
    """Random faults, and settings of the gateway for tests."""

    index_lag: float = 0.0
    """Seconds until a write appears in a global secondary index (or until the cloud is drained)."""
    conflict_rate: float = 0.0
    """Share of transactions that fail with TransactionConflict."""
    duplicate_rate: float = 0.0
    """Share of queue messages and stream records that are delivered twice."""
    stage_prefix: bool = False
    """Serve the APIs under `/<stage>/`, too, like their own addresses on AWS."""
    strict: bool = False
    """Refuse requests that AWS refuses by its documentation, and moto accepts."""
    key_lag: float = 0.0
    """Seconds until a gateway key that has joined a usage plan works."""
    rates: float = 1.0
    """Factor applied to the template's request rates in `strict` mode, since tests send quickly."""
    on_demand: bool = False
    """Do background work only when the cloud is drained, or (except sending mail) before a request
    whose function reads an index.
    """
    source_header: str = ""
    """Name of a header trusted to contain the caller's address; empty trusts none."""
    ses_sandbox: bool = False
    """Whether SES's account is in the sandbox: only verified addresses can receive mail."""
    ses_verified: frozenset[str] = frozenset({"desk.example"})
    """Verified addresses and domains, in lower case."""
    ses_rate: float = 0.0
    """Most mails per second that SES accepts; 0 is unlimited."""
    ses_quota: int = 0
    """Most mails in 24 hours that SES accepts; 0 is unlimited."""
