import pytest

from bench.capacity import Units
from bench.cost import Prices, Run, together
from bench.desk import Cost, longest_chain
from bench.endpoint import Call


def call(
    started: float, ended: float, operation: str = "Query", units: Units | None = None
) -> Call:
    return Call("dynamodb", operation, started, ended, 200, 10, 10, units or Units(), [])


@pytest.mark.parametrize(
    ("times", "round_trips"),
    [
        ([], 0),
        ([(0, 1)], 1),
        ([(0, 5), (1, 4), (2, 3)], 1),
        ([(0, 1), (1, 2), (2, 3)], 3),
        ([(0, 3), (1, 2), (4, 5)], 2),
        ([(0, 9), (1, 2), (3, 4), (5, 6)], 3),
    ],
)
def test_only_calls_that_wait_for_one_another_are_round_trips(
    times: list[tuple[float, float]], round_trips: int
) -> None:
    assert longest_chain([call(*time) for time in times]) == round_trips


def test_a_cost_counts_what_arrived() -> None:
    cost = Cost.of(
        [
            call(0, 2, units=Units(read=1)),
            call(0, 2, "UpdateItem", Units(write=1)),
            call(3, 4, "TransactWriteItems", Units(write=13, doubtful=3)),
        ]
    )
    assert (cost.calls, cost.round_trips, cost.transactions) == (3, 2, 1)
    assert cost.units == Units(1, 14, 3)
    assert cost.by_operation == {
        "dynamodb:Query": 1,
        "dynamodb:UpdateItem": 1,
        "dynamodb:TransactWriteItems": 1,
    }


def test_costs_of_invocations_add_up() -> None:
    one = Cost.of([call(0, 1, units=Units(read=2))])
    both = Cost.together([one, one])
    assert (both.calls, both.round_trips, both.units.read) == (2, 2, 4)
    assert both.by_operation == {"dynamodb:Query": 2}


FREE = dict.fromkeys(Prices.__dataclass_fields__, 0.0)


def test_a_run_is_billed_by_service() -> None:
    cost = Cost(
        calls=4,
        round_trips=2,
        transactions=1,
        units=Units(read=4, write=15, doubtful=5),
        by_operation={"sqs:SendMessageBatch": 2, "ses:SendEmail": 3, "s3:PutObject": 1},
    )
    run = Run("notify", cost, cpu=90, memory=1024, times=2, gateway=True)
    prices = Prices(
        write_units=1,
        read_units=10,
        gateway_requests=7,
        lambda_requests=2,
        lambda_gb_seconds=100,
        queue_requests=1,
        mails=5,
        topic_notices=0.5,
        object_writes=11,
        round_trip=5,
    )
    assert run.bill(prices) == pytest.approx(
        {
            "DynamoDB": 2 * (10 + 2 * 5 + 40),
            "Lambda": 2 * (2 + 0.1 * 100),
            "API Gateway": 14,
            "SQS": 2 * 3 * 2,
            "SES": 2 * 15,
            "SNS": 2 * 3,
            "S3": 22,
        }
    )


def test_bills_add_up() -> None:
    run = Run("get", Cost(2, 2, 0, Units(read=3), {}), cpu=5, memory=1769)
    prices = Prices(**{**FREE, "read_units": 2.0})
    assert together([run, run], prices)["DynamoDB"] == 12


def test_prices_can_be_given() -> None:
    assert Prices.given(["mails=0.5", "round_trip=8"]) == Prices(mails=0.5, round_trip=8.0)
    with pytest.raises(ValueError, match="petrol"):
        Prices.given(["petrol=2"])
