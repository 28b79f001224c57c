"""Sanad: a legitimacy observatory for conflict analysts.

Of a case, each with the columns and the bits of the command of its name::

    case = sanad.Case("cases/pakistan")
    case.panel("adm1", "2024-01", "2024-12")

Without a case, on numpy arrays: ``crps``, ``ign``, ``mis``, ``scores``, ``pit_histogram``, ``reliability``,
``krippendorff_alpha``, ``composite_index``, ``fit_hawkes``, ``fit_daily``, ``interrupted_series``, ``synthetic_control``,
``Model.from_file(...).run(members=...)``.

Errors are ``SanadError`` and, for arguments that could not have worked anywhere, ``UsageError``: what was found, because of
what, and what to do. Long work releases the interpreter's lock, shows a bar where tqdm is installed (``show_progress``), and
ends on Ctrl-C.
"""

from sanad._errors import SanadError, UsageError
from sanad._progress import show_progress
from sanad._sanad import (
    VERSION as __version__,
    Agreement,
    Backtest,
    Case,
    CompositeIndex,
    DailyFit,
    Ensemble,
    Figure,
    Forecast,
    HawkesFit,
    InterruptedSeries,
    Model,
    Observatory,
    Page,
    RateRatio,
    Record,
    SyntheticControl,
    Table,
    composite_index,
    crps,
    fit_daily,
    fit_hawkes,
    ign,
    interrupted_series,
    krippendorff_alpha,
    mis,
    pit_histogram,
    reliability,
    scores,
    synthetic_control,
)

__all__ = [
    "Agreement",
    "Backtest",
    "Case",
    "CompositeIndex",
    "DailyFit",
    "Ensemble",
    "Figure",
    "Forecast",
    "HawkesFit",
    "InterruptedSeries",
    "Model",
    "Observatory",
    "Page",
    "RateRatio",
    "Record",
    "SanadError",
    "SyntheticControl",
    "Table",
    "UsageError",
    "__version__",
    "composite_index",
    "crps",
    "fit_daily",
    "fit_hawkes",
    "ign",
    "interrupted_series",
    "krippendorff_alpha",
    "mis",
    "pit_histogram",
    "reliability",
    "scores",
    "show_progress",
    "synthetic_control",
]
