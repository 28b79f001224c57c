"""Time CRPS of a grid's draws: properscoring, scoringrules, and this program.

Usage, from the root of the repository:

    python -m venv VENV && VENV/bin/pip install numpy properscoring scoringrules numba
    cargo build --release -p sanad-forecast --example speed
    VENV/bin/python bench/forecast/bench.py target/release/examples/speed WORKDIR

13,110 cells x 12 months x 1,000 draws, seed 1, of two kinds:
  grid   0.5 % of the cells violent (negative binomial, half of their draws zero), as a PRIO-GRID is
  dense  every cell violent, as no grid is: the hardest case for a method that profits from zeros
All three get the same integers; peers get them as float64, which they need. Reading files and
converting are not timed. Each is run three times, the best is shown; peers are warmed up first, so
that compilation is not timed. The numbers must agree to 1e-9.
"""

import subprocess
import sys
import time

import numpy as np
import properscoring
import scoringrules

CELLS, MONTHS, DRAWS = 13_110, 12, 1_000


def draws_of(kind, rng):
    cells = CELLS * MONTHS
    violent = rng.random(cells) < (0.005 if kind == "grid" else 1.0)
    draws = np.zeros((cells, DRAWS), dtype=np.uint32)
    actual = np.zeros(cells)
    size, mean = 0.5, np.exp(rng.normal(2.0, 1.5, cells))
    for cell in np.flatnonzero(violent):
        law = size / (size + mean[cell])
        draws[cell] = rng.negative_binomial(size, law, DRAWS)
        actual[cell] = rng.negative_binomial(size, law)
    return draws, actual


def best(call):
    times, value = [], None
    for _ in range(3):
        start = time.perf_counter()
        value = call()
        times.append(time.perf_counter() - start)
    return min(times), float(np.mean(value))


def main(program, folder):
    for kind in ("grid", "dense"):
        draws, actual = draws_of(kind, np.random.default_rng(1))
        draws.tofile(f"{folder}/draws.u32")
        actual.tofile(f"{folder}/actual.f64")
        floats = draws.astype(float)
        print(f"== {kind}: {CELLS} x {MONTHS} x {DRAWS}, {np.mean(draws == 0):.4f} zeros", flush=True)
        peers = {"properscoring": lambda: properscoring.crps_ensemble(actual, floats)}
        for estimator in ("qd", "pwm"):
            peers[f"scoringrules {estimator}"] = lambda e=estimator: scoringrules.crps_ensemble(
                actual, floats, estimator=e, backend="numba"
            )
        for name, call in peers.items():
            call()
            seconds, mean = best(call)
            print(f"{name:<20} {seconds:.3f} s  mean {mean:.9f}", flush=True)
        del floats
        arguments = [program, "score", f"{folder}/draws.u32", f"{folder}/actual.f64"]
        subprocess.run([*arguments, str(CELLS * MONTHS), str(DRAWS)], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
