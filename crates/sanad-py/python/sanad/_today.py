"""Today's date: the machine's, or a fixed one for results that are to be made again."""

from __future__ import annotations

import datetime
import os
import re

from sanad._errors import UsageError

_BEGIN = datetime.datetime(1970, 1, 1)


def today() -> str:
    """The day that SOURCE_DATE_EPOCH names in UTC (https://reproducible-builds.org/specs/source-date-epoch/), or the
    day by the machine's clock where the variable is not set; as YYYY-MM-DD.

    Raises
    ------
    UsageError
        The variable holds no whole number of seconds, or one beyond the calendar.
    """
    found = os.environ.get("SOURCE_DATE_EPOCH")
    if found is None:
        return datetime.date.today().isoformat()
    try:
        if re.fullmatch(r"[+-]?[0-9]+", found) is None:
            raise ValueError(found)
        return (_BEGIN + datetime.timedelta(seconds=int(found))).date().isoformat()
    except (ValueError, OverflowError):
        raise UsageError(
            f"SOURCE_DATE_EPOCH: found {found!r}, expected a whole number of seconds since 1970",
            hint="unset it for the machine's date, or set a number, such as 1767225600 for 2026-01-01",
        ) from None
