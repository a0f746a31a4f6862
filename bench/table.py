"""Figures beside their bounds, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value and what it may be at most; `exact` where it has to be just that."""

    value: float
    bound: float | None = None
    unit: str = ""
    digits: int = 0
    exact: bool = False

    @property
    def over(self) -> bool:
        """Whether the promise is broken."""
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
    """A table's lines: columns aligned, a rule below the header."""
    texts = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(header))]
    texts.insert(1, ["-" * width for width in widths])
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    ]


def broken(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The figures over their bounds, each with the name of its row."""
    return [
        f"{row[0]}: {cell}"
        for row in rows
        for cell in row
        if isinstance(cell, Figure) and cell.over
    ]
