import pytest

from bench import against
from bench.desk import WARM_UP, Desk
from bench.operations import GET
from helpdesk.storage import table
from helpdesk.storage.keys import ticket_key
from tools.emulator import ROOT


@pytest.mark.built
def test_the_built_functions_of_both_checkouts_ask_the_tables(
    loaded: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(against, "OPERATIONS", (GET,))
    number = table.fetch([ticket_key(7)])[ticket_key(7)]["number"]
    with loaded.aws.watched() as calls:
        (compared,) = against.processor_times(loaded, [(7, number)], ROOT, 1)
    assert (len(compared.this), len(compared.other)) == (1, 1)
    rounds = WARM_UP + 1
    assert len(calls) >= 2 * rounds


def test_a_ratio_is_the_median_over_the_rounds() -> None:
    compared = against.Compared("get", other=[10, 20, 10], this=[11, 40, 10])
    assert compared.ratio == pytest.approx(1.1)
