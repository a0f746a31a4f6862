"""The cost of one ticket at list prices: opened, two notification mails, read twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from bench.desk import Cost


@dataclass(frozen=True)
class Prices:
    """USD, on demand, us-east-1, arm64, without free tier; `make bench` can override each.

    `round_trip` is not a price but the milliseconds that a function waits for one AWS call:
    waiting is billed like computing.
    """

    write_units: float = 0.625e-6
    read_units: float = 0.125e-6
    gateway_requests: float = 3.50e-6
    lambda_requests: float = 0.20e-6
    lambda_gb_seconds: float = 0.0000133334
    queue_requests: float = 0.40e-6
    mails: float = 0.10e-3
    topic_notices: float = 0.50e-6
    object_writes: float = 5.0e-6
    round_trip: float = 5.0

    @classmethod
    def given(cls, changes: Iterable[str]) -> Prices:
        """The list prices with some overridden: `mails=0.0002`.

        Raises:
            ValueError: there is no such price, or the value is not a number.
        """
        changed = dict(change.split("=", 1) for change in changes)
        unknown = changed.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"no such price: {', '.join(sorted(unknown))}")
        return cls(**{name: float(value) for name, value in changed.items()})


@dataclass(frozen=True)
class Run:
    """One kind of invocation in a ticket's life.

    `times` is how often it happens, `cpu` milliseconds of computing, `memory` MB of the function;
    `gateway` says whether API Gateway calls it for a request.
    """

    what: str
    cost: Cost
    cpu: float
    memory: int
    times: int = 1
    gateway: bool = False

    def bill(self, prices: Prices) -> Mapping[str, float]:
        """USD by service."""
        counted = self.cost.by_operation
        units = self.cost.units
        waited = self.cost.round_trips * prices.round_trip
        gb_seconds = (self.cpu + waited) / 1000 * self.memory / 1024
        # A message is sent, received and deleted; only the sending is recorded here.
        queue = 3 * counted.get("sqs:SendMessageBatch", 0)
        mails = counted.get("ses:SendEmail", 0)
        once = {
            "DynamoDB": units.written * prices.write_units + units.read * prices.read_units,
            "Lambda": prices.lambda_requests + gb_seconds * prices.lambda_gb_seconds,
            "API Gateway": prices.gateway_requests if self.gateway else 0.0,
            "SQS": queue * prices.queue_requests,
            "SES": mails * prices.mails,
            # The configuration set publishes one event for sending and one for delivery.
            "SNS": 2 * mails * prices.topic_notices,
            "S3": counted.get("s3:PutObject", 0) * prices.object_writes,
        }
        return {service: self.times * usd for service, usd in once.items()}


def together(runs: Iterable[Run], prices: Prices) -> Mapping[str, float]:
    """USD by service for all of these runs."""
    total: dict[str, float] = {}
    for run in runs:
        for service, usd in run.bill(prices).items():
            total[service] = total.get(service, 0.0) + usd
    return total
