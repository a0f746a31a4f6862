"""Formats figures and their bounds as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value and its upper bound; with `exact` it must equal the bound."""

    value: float
    bound: float | None = None
    unit: str = ""
    digits: int = 0
    exact: bool = False

    @property
    def over(self) -> bool:
        """Whether the value violates its bound."""
        if self.bound is None:
            return False
        return self.value != self.bound if self.exact else self.value > self.bound

    def __str__(self) -> str:
        value = f"{self.value:,.{self.digits}f}{self.unit}"
        if self.bound is None:
            return value
        if self.exact:
            return f"{value} {'!=' if self.over else '='} {self.bound:g}"
        return f"{value} {'>' if self.over else '<='} {self.bound:g}" + " (!)" * self.over


Cell = str | Figure


def lines(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The lines of a table, with aligned columns and a rule below the header."""
    texts = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(header))]
    texts.insert(1, ["-" * width for width in widths])
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    ]


def broken(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The figures that violate their bounds, each with the name of its row."""
    return [
        f"{row[0]}: {cell}"
        for row in rows
        for cell in row
        if isinstance(cell, Figure) and cell.over
    ]
