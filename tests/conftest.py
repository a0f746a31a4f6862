"""Setup for all tests: a faster moto, Hypothesis profiles, and which process runs which test.

`pytest --hypothesis-profile=thorough` runs more examples; tests/dialects/test_readers.py explains
the profile `readers`.
"""

import gc

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from local.aws import moto_fast, moto_index
from local.testing import running_cloud
from tests import contracts

__all__ = ["running_cloud"]
"""Here, so that a process starts one cloud and not one for every folder that asks."""

moto_index.install()
moto_fast.install()

# A fixture holds for all examples of a test: where that matters, the test begins each anew.
_ALLOWED = [HealthCheck.function_scoped_fixture]
settings.register_profile("quick", max_examples=30, deadline=None, suppress_health_check=_ALLOWED)
settings.register_profile(
    "thorough", max_examples=1000, deadline=None, suppress_health_check=_ALLOWED
)
settings.register_profile(
    "readers", max_examples=100_000, deadline=None, suppress_health_check=_ALLOWED
)
settings.load_profile("quick")


TOGETHER = {
    "tests/http/test_permissions.py": "the conversation",
    "tests/http/test_secrets.py": "the conversation",
}
"""Files that share what takes long to make."""

FIRST = ("tests/http/zammad/test_scope.py", "tests/http/test_doors.py")
"""Files of minutes: begun last, they would go on alone while the other processes wait."""


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Gives each file to one worker, and files that share something to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """The scheduler of `--dist loadfile`."""
    if config.getvalue("dist") != "loadfile":
        return None
    # By the number of tests, what takes longest would begin last: a few tests of a running cloud.
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """Spares the garbage collector all that lives as long as the process: a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)


def pytest_sessionfinish() -> None:
    """Lets go of what is left: pytest would look through it five times, for seconds."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Notes which tests are cases of a contract, and brings the longest files to the front. What
    needs a browser waits for `make check`, which fetches one.
    """
    contracts.note(items)
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("exhaustive")
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how many cases of the contracts there were, and how many differ."""
    if lines := contracts.table(terminalreporter):
        terminalreporter.section("contracts, over HTTP")
        for line in lines:
            terminalreporter.write_line(line)
