"""Regular expressions that an admin writes, in the syntax of RE2.

RE2 takes linear time in the value for every expression; `re` takes exponential time for some. RE2
has no backreferences and no lookaround.
"""

from typing import Any


class BadPattern(ValueError):
    """The text is not a valid RE2 expression; the message is RE2's."""


def check(pattern: str) -> None:
    """Checks a pattern before it is stored.

    Raises:
        BadPattern: RE2 does not compile it.
    """
    _compiled(pattern)


def found(pattern: str, value: str) -> bool:
    """Whether the pattern matches anywhere in the value.

    Raises:
        BadPattern: RE2 does not compile the pattern.
    """
    return _compiled(pattern).search(value) is not None


def _compiled(pattern: str) -> Any:
    # Few fields have a pattern, and the import costs a cold start 12 ms.
    import re2  # noqa: PLC0415

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as bad:
        words = bad.args[0]
        raise BadPattern(words.decode() if isinstance(words, bytes) else str(words)) from bad
    except UnicodeEncodeError as bad:
        raise BadPattern("invalid UTF-8") from bad
