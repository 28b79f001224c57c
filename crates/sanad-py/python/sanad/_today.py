"""Today's date: the machine's, or a fixed one for results that are to be made again."""

from __future__ import annotations

import datetime
import os


def today() -> str:
    """The day that SOURCE_DATE_EPOCH names in UTC (https://reproducible-builds.org/specs/source-date-epoch/), or the
    day by the machine's clock where the variable is not set; as YYYY-MM-DD."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.date.today().isoformat()
    return datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).date().isoformat()
