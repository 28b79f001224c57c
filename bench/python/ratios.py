"""Times Sanad's Python functions against the packages that an analyst would use instead, in one run on one machine.

Each comparison first asserts that both give the same numbers. Needs the wheel in the release profile (a wheel of the
everyday profile measures the profile) and: pip install properscoring scoringrules numba tick pysd pandas geopandas
pyarrow. What is not installed, or does not run, is left out and said. The panel is compared where GED's file of events
and the districts' borders are named; bench/panel/README.md says which.

Where OPENBLAS_CORETYPE is set, unset it for this run, or numpy may not use the processor that is there.

usage: python ratios.py [GED.csv ADM2.geojson]
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
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
        from scipy.optimize import minimize
        from tick.hawkes import ModelHawkesExpKernLogLik, SimuHawkesExpKernels
    except ImportError as error:
        print(f"tick is not installed: {error}", file=sys.stderr)
        return
    adjacency, decays = np.array([[0.3, 0.1], [0.2, 0.4]]), np.full((2, 2), 1.5)
    made = SimuHawkesExpKernels(adjacency, decays, baseline=[0.4, 0.3], end_time=20000, seed=3, verbose=False)
    made.simulate()
    times = [np.sort(one) for one in made.timestamps]

    # tick's own solver does not bound parameters at zero here: its likelihood, under scipy's.
    def by_tick():
        model = ModelHawkesExpKernLogLik(1.5, n_threads=os.cpu_count())
        model.fit(times, end_times=20000.0)
        start = np.full(6, 0.2)
        found = minimize(lambda x: (model.loss(x), model.grad(x)), start, jac=True, method="L-BFGS-B",
                         bounds=[(1e-9, None)] * 6, options={"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-8})
        return found.x[2:].reshape(2, 2)

    def by_sanad():
        return sanad.fit_hawkes(times, 20000.0, half_life=np.log(2) / 1.5)

    try:
        theirs = by_tick()
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


def panel(events: Path, boundaries: Path) -> None:
    """From a CSV of 350,000 events to a panel of district × month: bench/panel has the question and the peers."""
    sys.path.insert(0, str(ROOT / "bench" / "panel"))
    try:
        import geopandas  # noqa: F401
        import peers
    except ImportError:
        print("geopandas is not installed", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        table, prepared, working = (Path(folder) / name for name in ("events.csv", "prepared", "observatory"))
        subprocess.run([sys.executable, peers.__file__.replace("peers", "make_data"), events, table, "350000"], check=True)

        def program(*arguments: object) -> None:
            command = [sys.executable, "-m", "sanad", *map(str, arguments)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        program("import", "case", ROOT / "cases" / "pakistan", "--observatory", prepared)
        program("import", "boundaries", boundaries, "--observatory", prepared)

        def imported() -> sanad.Observatory:
            shutil.rmtree(working, ignore_errors=True)
            shutil.copytree(prepared, working)
            program("import", "ucdp-ged", table, "--observatory", working, "--show", 0)
            return sanad.Observatory(working)

        def by_sanad(record: sanad.Observatory) -> sanad.Table:
            return record.panel("adm2", "1989-01", "2021-12", places="current")

        def by_pandas() -> dict[tuple[str, str], tuple[int, ...]]:
            out = Path(folder) / "pandas.csv"
            peers.pandas_geopandas(str(table), str(boundaries), str(out))
            with open(out, newline="") as file:
                rows = list(csv.DictReader(file))
            columns = ("events", "low", "best", "high")
            return {(row["district"], row["month"]): tuple(int(row[name]) for name in columns) for row in rows}

        record = imported()
        columns = ("events", "deaths_low", "deaths_best", "deaths_high")
        mine = {
            (row["place_id"], row["month"]): tuple(int(row[name]) for name in columns)
            for row in by_sanad(record).to_dicts()
            if row["events"] and not row["place_id"].startswith("unplaced")
        }
        assert mine == by_pandas()
        theirs = best(by_pandas)
        row("import and panel, 350,000 events", "pandas + geopandas", best(lambda: by_sanad(imported())), theirs)
        row("panel alone, from what was imported", "pandas + geopandas", best(lambda: by_sanad(record)), theirs)


def main(files: list[str]) -> None:
    print(f"sanad {sanad.__version__}, numpy {np.__version__}, {os.cpu_count()} cores\n")
    print("| what | against | theirs, s | Sanad, s | ratio |\n| --- | --- | ---: | ---: | ---: |")
    for compare in (crps, index, hawkes, ensemble):
        compare()
    match files:
        case [events, boundaries]:
            panel(Path(events), Path(boundaries))
        case _:
            print("the panel is not compared: no GED.csv and ADM2.geojson are named", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
