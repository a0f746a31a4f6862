import pytest

from bench.table import Cell, Figure, broken, lines


@pytest.mark.parametrize(
    ("figure", "text", "over"),
    [
        (Figure(1234.5), "1,234", False),
        (Figure(2, 2), "2 <= 2", False),
        (Figure(3, 2), "3 > 2 (!)", True),
        (Figure(0.125, 0.2, digits=2), "0.12 <= 0.2", False),
        (Figure(7, 10, " MB", digits=1), "7.0 MB <= 10", False),
        (Figure(1, 1, exact=True), "1 = 1", False),
        (Figure(0, 1, exact=True), "0 != 1", True),
    ],
)
def test_a_figure_stands_beside_its_bound(figure: Figure, text: str, over: bool) -> None:
    assert (str(figure), figure.over) == (text, over)


def test_columns_are_aligned() -> None:
    assert lines(["", "trips"], [["create", Figure(2, 2)], ["get", ""]]) == [
        "        trips",
        "------  ------",
        "create  2 <= 2",
        "get",
    ]


def test_what_is_over_is_told_by_its_row() -> None:
    rows: list[list[Cell]] = [["create", Figure(3, 2), Figure(1, 1)], ["get", Figure(2, 2), ""]]
    assert broken(rows) == ["create: 3 > 2 (!)"]
