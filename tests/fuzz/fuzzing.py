"""What the fuzzers share: where they start, and what an input may take."""

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

LONGEST = 20_000
"""Bytes of an input."""


def fuzz(
    read_one: Callable[[bytes], None], seeds: Iterable[bytes], *, words: Iterable[str] = ()
) -> None:
    """Gives inputs that grow from the seeds and the words to `read_one`, as libFuzzer does.

    Stops at its first exception, at an input that takes 10 seconds, or at 2 GB.
    """
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder, "seeds")
        start.mkdir()
        for number, seed in enumerate(seeds):
            if len(seed) <= LONGEST:
                Path(start, str(number)).write_bytes(seed)
        listed = Path(folder, "words")
        # A comment ahead, since libFuzzer takes no empty list.
        listed.write_text("".join(["# words\n", *(f'"{word}"\n' for word in words)]))
        limits = [f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=2048", f"-dict={listed}"]
        # What is found goes into the first folder that is named.
        atheris.Setup([sys.argv[0], *limits, *sys.argv[1:], str(start)], read_one)
        atheris.Fuzz()
