"""Time of an SIR ensemble per member on one core, in every engine that is installed.

    cc -O3 -march=native -ffp-contract=off -o sir sir.c -lm
    cargo build --release -p sanad-scenario --example sir_speed
    pip install numpy pysd pysimlin
    python speed.py SIR.xmile ./sir TARGET/release/examples/sir_speed

SIR.xmile is the sample of the public test models: 3,200 Euler steps. 1,000 members differ in two
constants (the same values for every engine), and the three stocks are kept at all 3,201 times.
Every engine's last row is compared with the hand-written C first; engines that take members one
at a time run fewer of them. The figure is the least of several runs, memory already in use; the
first run, in which the operating system hands out the memory, is given beside it.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

MEMBERS, STEPS, DT, TOTAL = 1000, 3200, 0.03125, 1000.0


def grid(low, high, base, count):
    return low + (high - low) * np.modf(np.arange(count) * base)[0]


INFECTIVITY = grid(0.2, 0.5, 0.6180339887498949, MEMBERS)
DURATION = grid(3.0, 8.0, 0.7548776662466927, MEMBERS)


def program(command, *more):
    """Per-member times printed by a program, and the last row it writes."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "last.txt")
        text = subprocess.run([*command, out, *more], check=True, capture_output=True, text=True).stdout
        last = np.loadtxt(out) if os.path.exists(out) else None
    times = [float(line.split()[2]) for line in text.splitlines() if line.startswith("run ")]
    extra = [line for line in text.splitlines() if not line.startswith("run ")]
    return times, last, extra


def vectorised():
    rows = np.empty((STEPS + 1, 3, MEMBERS))
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        s, i, r = np.full(MEMBERS, TOTAL), np.full(MEMBERS, 5.0), np.zeros(MEMBERS)
        for step in range(STEPS + 1):
            rows[step, 0], rows[step, 1], rows[step, 2] = s, i, r
            succumbing = s * i / TOTAL * INFECTIVITY
            recovering = i / DURATION
            s = s - DT * succumbing
            i = i + DT * (succumbing - recovering)
            r = r + DT * recovering
        times.append((time.perf_counter() - begun) * 1e3 / MEMBERS)
    return times, rows[-1].T


def simlin_members(path, count):
    import simlin

    model = simlin.load(path)
    simulation = model.simulate()
    names, times, last = ("susceptible", "infectious", "recovered"), [], []
    for _ in range(3):
        begun = time.perf_counter()
        last = []
        for member in range(count):
            simulation.reset()
            simulation.set_value("contact_infectivity", INFECTIVITY[member])
            simulation.set_value("duration", DURATION[member])
            simulation.run_to_end()
            series = [simulation.get_series(name) for name in names]
            last.append([column[-1] for column in series])
        times.append((time.perf_counter() - begun) * 1e3 / count)
    return times, np.array(last)


def pysd_members(path, count):
    import pysd

    model = pysd.read_xmile(path)
    names, last = ["susceptible", "infectious", "recovered"], []
    begun = time.perf_counter()
    for member in range(count):
        given = {"contact_infectivity": INFECTIVITY[member], "duration": DURATION[member]}
        frame = model.run(params=given, return_columns=names)
        last.append(frame.iloc[-1].to_numpy(dtype=float))
    return [(time.perf_counter() - begun) * 1e3 / count], np.array(last)


def main():
    path, by_hand, engine = sys.argv[1:4]
    times, reference, _ = program([by_hand, str(MEMBERS), "12"])
    bound = min(times[1:])
    print(f"{'engine':44} {'ms per member':>14} {'first run':>10} {'of blocks in C':>15}")

    def report(name, times, last=None):
        if last is not None:
            gap = np.max(np.abs(last - reference[: len(last)]) / np.abs(reference[: len(last)]))
            assert gap < 1e-9, f"{name} differs by {gap}"
        best = min(times[1:] or times)
        print(f"{name:44} {best:14.5f} {times[0]:10.4f} {best / bound:15.2f}")

    report("C by hand, blocks of 64", times, reference)
    times, last, extra = program([engine, path, str(MEMBERS), "12"])
    report("sanad-scenario", times, last)
    report("C by hand, one run at a time", program([by_hand, str(MEMBERS), "5"], "one")[0])
    report("numpy, vectorised over members", *vectorised())
    for name, members in (("Simlin (pysimlin)", simlin_members), ("PySD", pysd_members)):
        try:
            report(name, *members(path, 100 if members is simlin_members else 20))
        except ImportError as fault:
            print(f"{name}: {fault}")
    print("; ".join(extra))


main()
