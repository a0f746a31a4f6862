"""The summary at the end of a test run: the number of contract cases by endpoint, and how many of
them differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

PROPERTY = "contract"


def note(items: Iterable[pytest.Item]) -> None:
    """Writes down whose case a test is where its report can tell, also from another process."""
    for item in items:
        for mark in item.iter_markers(PROPERTY):
            item.user_properties.append((PROPERTY, mark.args[0]))


def table(reporter: pytest.TerminalReporter) -> list[str]:
    """The table, as lines. A case differs where its test fails; one that was marked as known to
    fail, or left out, would be counted apart.
    """
    cases, differing, known = Counter[str](), Counter[str](), Counter[str]()
    for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed"):
        for report in reporter.stats.get(outcome, ()):
            # The report of a collection that failed has no properties.
            for name, endpoint in getattr(report, "user_properties", ()):
                if name == PROPERTY:
                    cases[endpoint] += 1
                    differing[endpoint] += outcome in {"failed", "error"}
                    known[endpoint] += outcome in {"skipped", "xfailed", "xpassed"}
    if not cases:
        return []
    width = max(map(len, cases))
    rows = [
        f"{endpoint:{width}}  {count:5}  {differing[endpoint]:9}"
        for endpoint, count in sorted(cases.items(), key=lambda row: row[0].split(" ")[::-1])
    ]
    whole = f"{len(cases)} endpoints"
    return [
        f"{'endpoint':{width}}  cases  differing",
        *rows,
        f"{whole:{width}}  {cases.total():5}  {differing.total():9}",
        f"cases marked as known to differ, or left out: {known.total()}",
    ]
