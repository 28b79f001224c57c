"""Times Sanad's Python functions against the packages that an analyst would use instead, in one run on one machine.

Each comparison first asserts that both give the same numbers. Needs the wheel (release profile for the table that
README.md shows) and: pip install properscoring scoringrules numba tick pysd. What is not installed is left out and said.

usage: python ratios.py
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import sanad

ROOT = Path(__file__).resolve().parents[2]
random = np.random.default_rng(5)


def best(run: Callable[[], object], repeats: int = 3) -> float:
    """The shortest of several runs, in seconds, after one that is not counted."""
    run()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


def row(what: str, other: str, ours: float, theirs: float) -> None:
    print(f"| {what} | {other} | {theirs:.4f} | {ours:.4f} | {theirs / ours:.1f} |", flush=True)


def crps() -> None:
    for what, draws in [
        ("CRPS, 5,000 cells × 1,000 counts", random.negative_binomial(0.4, 0.05, (5000, 1000)).astype(float)),
        ("CRPS, 5,000 cells × 1,000 real draws", random.gamma(0.5, 40, (5000, 1000))),
    ]:
        observed = random.negative_binomial(0.4, 0.05, 5000).astype(float)
        mine = sanad.crps(draws, observed)
        ours = best(lambda: sanad.crps(draws, observed))
        try:
            import properscoring

            assert np.allclose(mine, properscoring.crps_ensemble(observed, draws), rtol=1e-9, atol=1e-9)
            row(what, "properscoring", ours, best(lambda: properscoring.crps_ensemble(observed, draws)))
        except ImportError:
            print("properscoring is not installed", file=sys.stderr)
        try:
            import scoringrules

            # "qd" sorts, as ours does; the energy form needs cells × draws × draws.
            assert np.allclose(mine, scoringrules.crps_ensemble(observed, draws, estimator="qd"), rtol=1e-9, atol=1e-9)
            row(what, "scoringrules", ours, best(lambda: scoringrules.crps_ensemble(observed, draws, estimator="qd")))
        except ImportError:
            print("scoringrules is not installed", file=sys.stderr)


def index() -> None:
    values = random.uniform(0, 100, (6, 150, 120))
    names = [{"name": f"i{k}", "goalposts": (0, 100)} for k in range(6)]
    errors, draws = np.full(values.shape, 5.0), 1000
    stream = np.random.default_rng(1)

    def by_numpy():
        drawn = np.empty((draws, 150, 120))
        for k in range(draws):
            drawn[k] = np.clip(stream.normal(values, errors), 0, 100).mean(0)
        return np.quantile(drawn, [0.05, 0.95], axis=0)

    def by_sanad():
        return sanad.composite_index(values, names, standard_errors=errors, draws=draws)

    found, (low, high) = by_sanad(), by_numpy()
    assert np.allclose(found.value[-1], values.mean(0))
    assert abs((found.high[-1] - found.low[-1]).mean() / (high - low).mean() - 1) < 0.02
    row("index with intervals, 6 × 150 × 120, 1,000 draws", "numpy", best(by_sanad, 2), best(by_numpy, 2))


def hawkes() -> None:
    try:
        from tick.hawkes import HawkesExpKern, SimuHawkesExpKernels
    except ImportError:
        print("tick is not installed", file=sys.stderr)
        return
    adjacency, decays = np.array([[0.3, 0.1], [0.2, 0.4]]), np.full((2, 2), 1.5)
    made = SimuHawkesExpKernels(adjacency, decays, baseline=[0.4, 0.3], end_time=20000, seed=3, verbose=False)
    made.simulate()
    times = [np.sort(one) for one in made.timestamps]

    def by_tick():
        learner = HawkesExpKern(1.5, gofit="likelihood", penalty="none", solver="bfgs", max_iter=500, tol=1e-10)
        return learner.fit([times])

    def by_sanad():
        return sanad.fit_hawkes(times, 20000.0, half_life=np.log(2) / 1.5)

    try:
        theirs = by_tick().adjacency
    except AttributeError as error:
        # tick 0.8.0.2 under Python 3.11 sets attributes that its own classes refuse.
        print(f"tick does not run here: {error}", file=sys.stderr)
        return
    assert np.allclose(by_sanad().branching, theirs, atol=2e-3)
    events = sum(map(len, times))
    row(f"Hawkes, 2 kinds, {events:,} events, known decays", "tick", best(by_sanad), best(by_tick))


def ensemble() -> None:
    try:
        import pysd
    except ImportError:
        print("pysd is not installed", file=sys.stderr)
        return
    path = ROOT / "docs" / "examples" / "grievance.xmile"
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(path, folder)
        theirs = pysd.read_xmile(str(copy))
        mine = sanad.Model.from_file(path)
        harms = np.linspace(0.1, 0.3, 20)
        one = mine.run(set={"harm": 0.25}, method="euler", save=["Grievance"])["Grievance"][0]
        other = theirs.run(params={"harm": 0.25}, return_columns=["Grievance"])["Grievance"].to_numpy()
        assert np.allclose(one, other[: len(one)], rtol=1e-9), (one[-1], other[-1])
        slow = best(lambda: [theirs.run(params={"harm": harm}, return_columns=["Grievance"]) for harm in harms], 1) / 20
        vary = {"harm": {"distribution": "uniform", "low": 0.1, "high": 0.3}}
        fast = best(lambda: mine.run(20000, vary=vary, method="euler", save=["Grievance"])) / 20000
    row("XMILE ensemble, seconds per 1,000 members", "PySD", fast * 1000, slow * 1000)


def main() -> None:
    print(f"sanad {sanad.__version__}, numpy {np.__version__}, {os.cpu_count()} cores\n")
    print("| what | against | theirs, s | Sanad, s | ratio |\n| --- | --- | ---: | ---: | ---: |")
    for compare in (crps, index, hawkes, ensemble):
        compare()


if __name__ == "__main__":
    main()
