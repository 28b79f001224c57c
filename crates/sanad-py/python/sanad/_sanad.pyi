"""Types of the compiled part; the docstrings are in the compiled part itself."""

import datetime
import os
import pathlib
from collections.abc import Sequence
from typing import Any, Literal, TypedDict, final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

_Floats = NDArray[np.float64]
_Month = str | int | datetime.date
_Day = str | datetime.date
_Path = str | os.PathLike[str]
_Unit = Literal["country", "adm1", "adm2", "priogrid"]
_Level = Literal["adm1", "adm2"]
_DateRule = Literal["end", "start", "spread"]
_Places = Literal["contemporary", "current"]
_Links = Literal["full", "self", "none"] | Sequence[Sequence[bool]] | NDArray[np.bool_]

VERSION: str

class _Reliability(TypedDict):
    forecast: _Floats
    observed: _Floats
    cells: _Floats
    reliability: float
    resolution: float
    uncertainty: float

class _Sensitivity(TypedDict):
    factors: list[str]
    first_order: _Floats
    total: _Floats
    rank_first_order: _Floats
    rank_total: _Floats

class _Contribution(TypedDict):
    indicator: str
    score: float
    weight: float
    amount: float
    origin: Literal["missing", "observed", "carried", "imputed"]

def run_program(arguments: Sequence[str]) -> int: ...
def crps(draws: ArrayLike, observed: ArrayLike) -> _Floats: ...
def ign(draws: ArrayLike, observed: ArrayLike) -> _Floats: ...
def mis(draws: ArrayLike, observed: ArrayLike, level: float = 0.9) -> _Floats: ...
def scores(draws: ArrayLike, observed: ArrayLike) -> dict[str, _Floats]: ...
def pit_histogram(draws: ArrayLike, observed: ArrayLike, bins: int = 10) -> _Floats: ...
def reliability(draws: ArrayLike, observed: ArrayLike, threshold: Literal[1, 25] = 1, bins: int = 10) -> _Reliability: ...

@final
class Agreement:
    alpha: float
    low: float
    high: float
    units: int
    codes: int

def krippendorff_alpha(
    codes: Any,
    distance: Literal["nominal", "interval", "masi"] = "nominal",
    *,
    resamples: int = 2000,
    level: float = 0.9,
    seed: int = 1,
) -> Agreement: ...

@final
class CompositeIndex:
    @property
    def nodes(self) -> list[str]: ...
    @property
    def value(self) -> _Floats: ...
    @property
    def low(self) -> _Floats: ...
    @property
    def median(self) -> _Floats: ...
    @property
    def high(self) -> _Floats: ...
    @property
    def evidence_share(self) -> _Floats: ...
    def contributions(self, place: int, month: int, node: str = "overall") -> list[_Contribution]: ...
    def sensitivity(
        self,
        month: int,
        node: str = "overall",
        *,
        alternatives: dict[str, Any] | None = None,
        points: int = 1024,
        errors_by_pillar: bool = False,
        seed: int = 1,
    ) -> _Sensitivity: ...

def composite_index(
    values: ArrayLike,
    indicators: Sequence[str | dict[str, Any]],
    *,
    pillars: Sequence[dict[str, Any]] | None = None,
    fronts: Sequence[dict[str, Any]] | None = None,
    standard_errors: ArrayLike | None = None,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    method: dict[str, Any] | None = None,
    alternatives: dict[str, Any] | None = None,
    draws: int = 1000,
    level: float = 0.9,
    noisy_ends: Literal["refuse", "flag"] = "refuse",
    seed: int = 1,
) -> CompositeIndex: ...

@final
class HawkesFit:
    baseline: _Floats
    branching: _Floats
    branching_low: _Floats
    branching_high: _Floats
    half_life: _Floats
    endogenous_share: _Floats
    residuals: list[_Floats]
    spectral_radius: float
    log_likelihood: float
    aic: float
    parameters: int

def fit_hawkes(
    times: Sequence[ArrayLike],
    span: float,
    *,
    links: _Links | None = None,
    half_life: ArrayLike | None = None,
    half_life_bounds: tuple[float, float, float] | None = None,
) -> HawkesFit: ...

@final
class DailyFit:
    branching: _Floats
    branching_low: _Floats
    branching_high: _Floats
    half_life_days: _Floats
    endogenous_share: _Floats
    mean: _Floats
    background: _Floats
    spectral_radius: float
    log_likelihood: float
    aic: float
    bic: float
    parameters: int

def fit_daily(
    counts: ArrayLike,
    *,
    links: _Links | None = None,
    half_life_days: tuple[float, float] = ...,
    horizon_days: int = 365,
    reach: Literal["same-place", "everywhere"] = "same-place",
    counts_are: Literal["negative-binomial", "poisson"] = "negative-binomial",
    background: dict[str, Any] | None = None,
) -> DailyFit: ...

@final
class RateRatio:
    ratio: float
    low: float
    high: float
    log_error: float
    p_value: float

@final
class InterruptedSeries:
    @property
    def level(self) -> RateRatio: ...
    @property
    def slope(self) -> RateRatio: ...
    @property
    def autoregression(self) -> float: ...
    @property
    def count_size(self) -> float: ...
    @property
    def log_likelihood(self) -> float: ...
    @property
    def fitted(self) -> _Floats: ...
    @property
    def without(self) -> _Floats: ...
    def change_at(self, periods: int) -> RateRatio: ...

def interrupted_series(
    counts: ArrayLike, start: int, *, periods_per_year: float = 12.0, harmonics: int = 1
) -> InterruptedSeries: ...

@final
class SyntheticControl:
    weights: _Floats
    synthetic: _Floats
    effect: float
    gap_before: float
    gap_after: float
    placebo_effects: _Floats
    placebo_ratios: _Floats
    placebo_gaps: _Floats
    p_value: float

def synthetic_control(treated: ArrayLike, donors: ArrayLike, start: int) -> SyntheticControl: ...

@final
class Model:
    @staticmethod
    def from_file(path: _Path) -> Model: ...
    @staticmethod
    def from_text(text: str) -> Model: ...
    @property
    def variables(self) -> list[str]: ...
    @property
    def constants(self) -> dict[str, float]: ...
    def run(
        self,
        members: int = 1,
        *,
        vary: dict[str, dict[str, Any]] | None = None,
        set: dict[str, float] | None = None,
        save: Sequence[str] | None = None,
        seed: int = 1,
        method: Literal["euler", "rk2", "rk4"] | None = None,
        start: float | None = None,
        stop: float | None = None,
        dt: float | None = None,
        save_every: float | None = None,
    ) -> Ensemble: ...

@final
class Ensemble:
    @property
    def times(self) -> _Floats: ...
    @property
    def outputs(self) -> list[str]: ...
    @property
    def members(self) -> int: ...
    @property
    def values(self) -> _Floats: ...
    def __getitem__(self, name: str, /) -> _Floats: ...
    def quantiles(self, probabilities: Sequence[float]) -> _Floats: ...
    def paths(self) -> Table: ...
    def bands(self, quantiles: Sequence[float] = ...) -> Table: ...

@final
class Table:
    @property
    def columns(self) -> list[str]: ...
    @property
    def shape(self) -> tuple[int, int]: ...
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def to_csv(self) -> str: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def to_pyarrow(self) -> Any: ...
    def to_pandas(self) -> Any: ...
    def to_polars(self) -> Any: ...
    def write(self, path: _Path) -> None: ...
    def _repr_html_(self) -> str: ...

@final
class Figure:
    @property
    def title(self) -> str: ...
    @property
    def caption(self) -> str: ...
    @property
    def svg(self) -> str: ...
    @property
    def csv(self) -> str: ...
    def write(self, path: _Path) -> None: ...
    def _repr_svg_(self) -> str: ...

@final
class Page:
    @property
    def html(self) -> str: ...
    def write(self, path: _Path) -> None: ...
    def _repr_html_(self) -> str: ...

@final
class Forecast:
    summary: Table
    draws: Table
    explanations: Table | None

@final
class Backtest:
    scores: Table
    places: Table
    hard_cases: Table
    report: Page

@disjoint_base
class Record:
    def panel(
        self,
        unit: _Unit,
        first: _Month,
        last: _Month,
        *,
        organisations: Literal["each"] | Sequence[int] | None = None,
        date_rule: _DateRule = "end",
        places: _Places = "contemporary",
        as_of: _Day | None = None,
        source: str = "ucdp-ged",
        countries: Sequence[int] = ...,
    ) -> Table: ...
    def why(
        self,
        unit: _Unit,
        place: str,
        month: _Month,
        measure: str = "deaths_best",
        *,
        date_rule: _DateRule = "end",
        places: _Places = "contemporary",
        as_of: _Day | None = None,
        source: str = "ucdp-ged",
        countries: Sequence[int] = ...,
    ) -> Table: ...
    def sql(self, statement: str, *, memory_mib: int = 2048, seconds: int = 300) -> Table: ...
    def sources(self) -> Table: ...
    def fronts(
        self,
        unit: _Level = "adm1",
        *,
        first: _Month | None = None,
        last: _Month | None = None,
        as_of: _Day | None = None,
    ) -> Table: ...
    def front_contributions(
        self, place: str, month: _Month, unit: _Level = "adm1", *, as_of: _Day | None = None
    ) -> Table: ...
    def front_sensitivity(self, month: _Month, unit: _Level = "adm1", *, as_of: _Day | None = None) -> Table: ...
    def front_indicators(self, unit: _Level = "adm1", *, as_of: _Day | None = None) -> Table: ...
    def narrative(self) -> Table: ...
    def cycle(
        self,
        show: Literal["links", "kinds", "models", "whole", "explored"] = "links",
        *,
        kinds: Sequence[str] = ...,
        first_day: _Day | None = None,
        last_day: _Day | None = None,
        profile: bool = False,
        bayes: bool = False,
        explore: bool = False,
    ) -> Table: ...
    def interventions(
        self, show: Literal["changes", "controls", "means", "starts"] = "changes", *, id: str | None = None
    ) -> Table: ...
    def intervention_figures(self, id: str | None = None) -> list[Figure]: ...
    def claims(self, claim: str | None = None) -> Table: ...
    def causal_map(self) -> Figure: ...
    def network(self, month: _Month | None = None) -> Table: ...
    def levels(
        self,
        show: Literal["stretches", "months", "theatres", "gap-trial", "gap-forecast"] = "stretches",
        *,
        first: _Month | None = None,
        last: _Month | None = None,
    ) -> Table: ...
    def forecast(
        self,
        unit: _Unit = "adm1",
        *,
        target: str = "ged_sb",
        steps: tuple[int, int] = ...,
        model: str = "sanad",
        draws: int = 1000,
        seed: int = 1,
        as_of: _Day | None = None,
        explain: bool = False,
    ) -> Forecast: ...
    def backtest(
        self,
        windows: tuple[int, int],
        model: str | Sequence[str] | None = None,
        *,
        unit: _Unit = "adm2",
        target: str = "ged_sb",
        train_end: int = 10,
        steps: tuple[int, int] = ...,
        draws: int = 1000,
        seed: int = 1,
        vintages: bool = False,
    ) -> Backtest: ...
    def scenario(
        self,
        scenarios: Sequence[str] = ...,
        *,
        against: str | None = None,
        shock: str | None = None,
        members: int = 4000,
        horizon: Sequence[int] = ...,
        seed: int = 1,
        sensitivity: bool = False,
    ) -> Table: ...
    def benchmarks(self, as_of: _Month | None = None) -> Table: ...
    def brief(self, *, quick: bool = False) -> Page: ...

@final
class Observatory(Record):
    def __new__(cls, path: _Path, *, threads: int = 0, today: _Day | None = None) -> Observatory: ...
    @property
    def path(self) -> pathlib.Path: ...

@final
class Case(Record):
    def __new__(
        cls, path: _Path, observatory: _Path | None = None, *, threads: int = 0, today: _Day | None = None
    ) -> Case: ...
    @property
    def path(self) -> pathlib.Path: ...
