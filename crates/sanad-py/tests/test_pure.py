"""The pure libraries against plain numpy, and against what is known."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import GRIEVANCE

import sanad

rng = np.random.default_rng(7)
COUNTS = rng.negative_binomial(0.4, 0.1, (300, 120))
OBSERVED = rng.negative_binomial(0.4, 0.1, 300).astype(float)
EDGES = [0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5, np.inf]


def crps_by_numpy(draws, observed):
    spread = np.abs(draws[:, :, None] - draws[:, None, :]).mean((1, 2))
    return np.abs(draws - observed[:, None]).mean(1) - spread / 2


def test_crps_is_the_mean_distance_less_half_the_spread():
    found = sanad.crps(COUNTS, OBSERVED)
    assert np.allclose(found, crps_by_numpy(COUNTS.astype(float), OBSERVED), rtol=1e-12, atol=1e-12)
    real = rng.normal(size=(50, 40))
    seen = rng.normal(size=50)
    assert np.allclose(sanad.crps(real, seen), crps_by_numpy(real, seen), rtol=1e-12, atol=1e-12)


def test_counts_give_the_same_bits_whatever_their_type():
    first = sanad.crps(COUNTS, OBSERVED)
    for other in (COUNTS.astype("float64"), COUNTS.astype("int32"), COUNTS.astype("float32"), COUNTS.tolist()):
        assert np.array_equal(first, sanad.crps(other, OBSERVED))
    # Half a death more in one draw of a cell takes the slower way for that cell.
    shifted = COUNTS.astype(float)
    shifted[0, 0] += 0.5
    assert np.array_equal(first[1:], sanad.crps(shifted, OBSERVED)[1:])


def test_ignorance_is_that_of_the_histogram_with_one_draw_more_in_each_bin():
    share = [(np.histogram(row, EDGES)[0] + 1) / (len(row) + 11) for row in COUNTS]
    bins = np.digitize(OBSERVED, EDGES) - 1
    expected = [-np.log2(row[bin]) for row, bin in zip(share, bins)]
    assert np.allclose(sanad.ign(COUNTS, OBSERVED), expected, rtol=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_interval_score_uses_numpys_quantiles(level):
    low, high = np.quantile(COUNTS, [(1 - level) / 2, (1 + level) / 2], axis=1)
    missed = np.maximum(low - OBSERVED, 0) + np.maximum(OBSERVED - high, 0)
    expected = high - low + 2 / (1 - level) * missed
    assert np.allclose(sanad.mis(COUNTS, OBSERVED, level), expected, rtol=1e-10)


def test_all_scores_hold_the_single_ones():
    every = sanad.scores(COUNTS, OBSERVED)
    assert np.array_equal(every["crps"], sanad.crps(COUNTS, OBSERVED))
    assert np.array_equal(every["ign"], sanad.ign(COUNTS, OBSERVED))
    assert np.array_equal(every["mis_90"], sanad.mis(COUNTS, OBSERVED))
    assert np.allclose(every["brier_1"], ((COUNTS >= 1).mean(1) - (OBSERVED >= 1)) ** 2)
    assert set(every["coverage_90"]) <= {0.0, 1.0}


def test_a_missing_outcome_has_no_score_and_a_missing_draw_is_refused():
    observed = OBSERVED.copy()
    observed[3] = np.nan
    assert np.flatnonzero(np.isnan(sanad.crps(COUNTS, observed))).tolist() == [3]
    draws = COUNTS.astype(float)
    draws[5, 2] = np.nan
    with pytest.raises(sanad.UsageError, match="draws: found no finite number in cell 5"):
        sanad.crps(draws, OBSERVED)
    observed[7] = np.inf
    with pytest.raises(sanad.UsageError, match="observed: found infinity in cell 7"):
        sanad.mis(COUNTS, observed)


def test_calibration_of_a_forecast_that_is_right():
    histogram = sanad.pit_histogram(COUNTS, OBSERVED, bins=5)
    assert histogram.sum() == pytest.approx(1) and np.abs(histogram - 0.2).max() < 0.08
    found = sanad.reliability(COUNTS, OBSERVED, threshold=25)
    assert found["cells"].sum() == len(OBSERVED)
    brier = found["reliability"] - found["resolution"] + found["uncertainty"]
    assert 0 < brier < 1


def test_numbers_below_zero_have_a_crps_and_no_score_of_counts():
    draws, observed = rng.normal(size=(20, 30)), rng.normal(size=20)
    assert np.allclose(sanad.crps(draws, observed), crps_by_numpy(draws, observed))
    # A shift moves nothing.
    assert np.allclose(sanad.crps(draws + 10, observed + 10), sanad.crps(draws, observed))
    for score in (sanad.ign, sanad.scores, sanad.pit_histogram):
        with pytest.raises(sanad.UsageError, match="draws: .* from 0"):
            score(draws, observed)
        with pytest.raises(sanad.UsageError, match="observed: .* from 0"):
            score(np.abs(draws), -1 - np.abs(observed))


def test_arguments_that_do_not_fit_are_refused_with_their_name():
    for wrong, message in [
        (lambda: sanad.crps(COUNTS[0], OBSERVED), "draws: found 1 dimensions"),
        (lambda: sanad.crps(COUNTS, OBSERVED[:3]), "observed: found 3 cells, expected 300"),
        (lambda: sanad.crps([["a"]], [1]), "draws: found could not convert"),
        (lambda: sanad.mis(COUNTS, OBSERVED, level=1.5), "level: found 1.5"),
        (lambda: sanad.crps(np.empty((2, 0)), [1, 2]), "draws: found no draw"),
        (lambda: sanad.krippendorff_alpha([["a", "a"]], "ordinal"), "distance"),
        (lambda: sanad.krippendorff_alpha([["ab", "ab"]], "masi"), "codes"),
        (lambda: sanad.krippendorff_alpha([["a", "a"], ["b", "a"]], resamples=2**62), "resamples"),
        (lambda: sanad.composite_index(np.ones((2, 3, 4)), ["a", "b"], draws=2**62), "draws"),
        (lambda: sanad.interrupted_series(np.ones(40, dtype=int), 20, harmonics=2**62), "harmonics"),
        (lambda: sanad.fit_daily(np.ones((1, 1, 100), dtype=int), horizon_days=2**62), "horizon_days"),
        (lambda: sanad.reliability(COUNTS, OBSERVED, threshold=3), "threshold"),
    ]:
        with pytest.raises(sanad.UsageError, match=message):
            wrong()
    assert issubclass(sanad.UsageError, ValueError) and issubclass(sanad.UsageError, sanad.SanadError)


def test_alpha_of_a_table_worked_out_by_hand():
    found = sanad.krippendorff_alpha([["a", "a"], ["b", "b"], ["a", "b"], [None, "a"]])
    assert found.alpha == pytest.approx(1 - 5 * 2 / 18)
    assert found.low <= found.alpha <= found.high and (found.units, found.codes) == (3, 6)
    numbers = sanad.krippendorff_alpha(np.array([[1, 1.0], [2, 3], [4, 4], [np.nan, 2]]), "interval")
    assert numbers.units == 3
    sets = sanad.krippendorff_alpha([[{"x"}, {"x", "y"}], [{"y"}, {"y"}], [{"x"}, {"x"}]], "masi")
    assert 0 < sets.alpha < 1


def test_an_index_of_two_indicators_is_their_mean():
    values = np.array([[0.0, 5, 10], [2, 4, 6]])
    found = sanad.composite_index(values, ["a", "b"], draws=50)
    assert found.nodes[-1] == "overall"
    assert np.allclose(found.value[-1, :, 0], [0, 50, 100])
    assert sum(part["amount"] for part in found.contributions(1, 0)) == pytest.approx(50)


def test_an_index_has_intervals_from_errors_and_alternatives():
    values = rng.uniform(20, 80, (3, 6, 4))
    indicators = [
        {"name": "courts", "pillar": "justice", "goalposts": (0, 100)},
        {"name": "fees", "pillar": "justice", "direction": "negative", "goalposts": (0, 100)},
        {"name": "votes", "pillar": "voice", "goalposts": (0, 100)},
    ]
    pillars = [{"name": "justice", "front": "governance"}, {"name": "voice", "front": "governance", "weight": 2}]
    found = sanad.composite_index(
        values,
        indicators,
        pillars=pillars,
        standard_errors=np.full(values.shape, 3.0),
        alternatives={"aggregations": ["arithmetic", "geometric"], "weight_spread": 0.25},
        draws=200,
    )
    assert found.nodes == ["justice", "voice", "governance", "overall"]
    assert np.all(found.low <= found.median) and np.all(found.median <= found.high)
    assert np.all(found.high[-1] - found.low[-1] > 1)
    moved = found.sensitivity(2, points=64)
    assert set(moved["factors"]) == {"aggregation", "weight_spread", "errors"}
    assert moved["total"].shape == (3, 6)
    with pytest.raises(sanad.UsageError, match="weight_spred"):
        sanad.composite_index(values, indicators, pillars=pillars, alternatives={"weight_spred": 0.1})
    with pytest.raises(sanad.UsageError, match="node"):
        found.contributions(0, 0, "justce")


def simulated(branching=0.5, decay=2.0, rate=0.5, span=4000.0):
    """Times of a self-exciting process, generation by generation."""
    random = np.random.default_rng(11)
    times = generation = random.uniform(0, span, random.poisson(rate * span))
    while len(generation):
        children = np.repeat(generation, random.poisson(branching, len(generation)))
        generation = children + random.exponential(1 / decay, len(children))
        generation = generation[generation < span]
        times = np.concatenate([times, generation])
    return np.sort(times), span


def test_a_hawkes_process_is_recovered():
    times, span = simulated()
    found = sanad.fit_hawkes([times], span)
    assert found.branching_low[0, 0] < 0.5 < found.branching_high[0, 0]
    assert found.half_life[0, 0] == pytest.approx(np.log(2) / 2, rel=0.3)
    assert found.residuals[0].mean() == pytest.approx(1, rel=0.05)
    fixed = sanad.fit_hawkes([times], span, half_life=np.log(2) / 2)
    assert fixed.parameters == found.parameters - 1
    none = sanad.fit_hawkes([times], span, links="none")
    assert none.log_likelihood < found.log_likelihood and none.branching[0, 0] == 0


def test_daily_counts_without_excitation_have_little():
    counts = rng.poisson(0.4, (2, 1, 1500))
    found = sanad.fit_daily(counts, background={"knot_days": None, "harmonics": 0})
    assert found.spectral_radius < 0.3 and found.mean.shape == counts.shape
    with pytest.raises(sanad.UsageError, match="counts: found 0.5"):
        sanad.fit_daily(np.full((1, 1, 100), 0.5))
    with pytest.raises(sanad.UsageError, match="background"):
        sanad.fit_daily(counts, background={"knots": 3})
    allowed = np.array([[True, False], [True, True]])
    part = sanad.fit_daily(counts, links=allowed, background={"knot_days": None, "harmonics": 0})
    assert part.branching[0, 1] == 0 and np.isnan(part.half_life_days[0, 1])
    for wrong in ("fully", [[True]], [[True, True, True]] * 2, 3):
        with pytest.raises(sanad.UsageError, match="links: found .*, expected full, self, none, or 2 × 2"):
            sanad.fit_daily(counts, links=wrong)


def test_a_drop_by_half_is_found():
    counts = np.concatenate([rng.poisson(40, 48), rng.poisson(20, 48)])
    found = sanad.interrupted_series(counts, 48)
    assert found.level.low < 0.5 < found.level.high and found.level.p_value < 0.01
    assert found.change_at(0).ratio == pytest.approx(found.level.ratio)
    assert len(found.fitted) == 96 and found.without[60] > found.fitted[60]


def test_a_synthetic_control_finds_weights_and_effect():
    t = np.arange(40)
    donors = np.stack([10 + np.sin(0.5 * t + phase) for phase in (0.0, 1.0, 2.0)])
    treated = 0.5 * (donors[0] + donors[1]) - 4.0 * (t >= 30)
    found = sanad.synthetic_control(treated, donors, 30)
    assert found.effect == pytest.approx(-4, abs=0.01) and found.p_value == 0.25
    assert found.placebo_gaps.shape == donors.shape


def test_a_model_runs_as_an_ensemble():
    model = sanad.Model.from_file(GRIEVANCE)
    assert model.constants["harm"] == 0.2
    run = model.run(100, vary={"harm": {"distribution": "uniform", "low": 0.1, "high": 0.4}}, save=["Grievance"])
    assert run["grievance"].shape == (100, len(run.times)) and run.values.shape == (100, 1, len(run.times))
    low, high = run.quantiles([0.05, 0.95])[:, 0, -1]
    assert low < np.median(run["Grievance"][:, -1]) < high
    with pytest.raises(sanad.UsageError, match="Grievance"):
        model.run(set={"grivance": 1.0})
    with pytest.raises(FileNotFoundError):
        sanad.Model.from_file("absent.xmile")
    with pytest.raises(sanad.SanadError):
        sanad.Model.from_text("<xmile>")
