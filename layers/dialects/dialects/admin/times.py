"""Times as the admin API shows them."""

from datetime import datetime
from typing import overload


@overload
def shown(moment: datetime) -> str: ...
@overload
def shown(moment: None) -> None: ...
def shown(moment: datetime | None) -> str | None:
    """A time in UTC with Z, without a fraction if it has none."""
    if moment is None:
        return None
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
