"""Time of taking members through a monthly record of 33 years, beside the same filter in numpy.

    cargo build --release -p sanad-scenario --example assimilate_speed
    python assimilate.py TARGET/release/examples/assimilate_speed [MODEL.xmile START STOP VARIABLE...]

The first table is a model of two stocks, with 1,000 members and 397 months: sanad-scenario on one
thread and on all, and a bootstrap filter written with numpy, vectorised over members. Both lay the
same noise on the same stocks and read the same counts, so that their log evidence agrees up to the
error of the draws; the script prints both. With a model of your own its time is printed below,
such as that of the case of Pakistan:

    python assimilate.py ... cases/pakistan/model.xmile -396 0 'events[khyber_pakhtunkhwa]' 'events[balochistan]'
"""

import math
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

MEMBERS, MONTHS, REPEATS = 1000, 397, 5
MODEL = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<sim_specs><start>0</start><stop>396</stop><dt>1</dt></sim_specs><model><variables>
<stock name="capability"><eqn>20</eqn><inflow>growth</inflow></stock>
<flow name="growth"><eqn>capability * (0.02 * grievance - 0.01)</eqn></flow>
<stock name="grievance"><eqn>0.5</eqn><inflow>arising</inflow><outflow>fading</outflow></stock>
<flow name="arising"><eqn>(1 - grievance) * 0.02</eqn></flow>
<flow name="fading"><eqn>grievance * 0.02</eqn></flow>
<aux name="attacks"><eqn>capability</eqn></aux></variables></model></xmile>"""


def step(capability, grievance):
    return (
        capability * (1 + 0.02 * grievance - 0.01),
        grievance + (1 - grievance) * 0.02 - grievance * 0.02,
    )


def counts():
    """The record that assimilate_speed makes: the rounded path of one member without noise."""
    capability, grievance, found = 20.0, 0.5, []
    for _ in range(MONTHS):
        found.append(math.floor(capability + 0.5))
        capability, grievance = step(capability, grievance)
    return found


def log_density(count, mean, dispersion=0.5):
    size = 1 / dispersion
    constant = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    return constant - size * np.log1p(mean * dispersion) + count * np.log(mean / (size + mean))


def numpy_filter(record, seed):
    random = np.random.default_rng(seed)
    capability, grievance = np.full(MEMBERS, 20.0), np.full(MEMBERS, 0.5)
    weights, evidence = np.full(MEMBERS, 1 / MEMBERS), 0.0
    kept = np.empty((MONTHS, MEMBERS))
    for month, count in enumerate(record):
        logs = log_density(count, capability)
        greatest = logs.max()
        weights = weights * np.exp(logs - greatest)
        evidence += greatest + math.log(weights.sum())
        weights /= weights.sum()
        if 1 / (weights**2).sum() < MEMBERS / 2 or month == MONTHS - 1:
            points = (np.arange(MEMBERS) + random.random()) / MEMBERS
            parents = np.minimum(np.searchsorted(np.cumsum(weights), points), MEMBERS - 1)
            capability, grievance = capability[parents], grievance[parents]
            weights = np.full(MEMBERS, 1 / MEMBERS)
        kept[month] = capability
        capability, grievance = step(capability, grievance)
        capability = capability * np.exp(0.05 * random.standard_normal(MEMBERS) - 0.00125)
        grievance = grievance * np.exp(0.05 * random.standard_normal(MEMBERS) - 0.00125)
    return evidence


def engine(program, model, start, stop, variables, threads):
    given = [program, model, start, stop, str(MEMBERS), str(REPEATS), *variables]
    environment = {**os.environ, "RAYON_NUM_THREADS": threads}
    text = subprocess.run(given, check=True, capture_output=True, text=True, env=environment).stdout
    runs = [line.split() for line in text.splitlines() if line.startswith("run ")]
    return [float(run[2]) for run in runs], float(runs[0][-1]), text.splitlines()[0]


def main():
    program, own = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.xmile")
        with open(path, "w") as file:
            file.write(MODEL)
        print(f"{'filter':36} {'s, median':>10} {'log evidence':>14}")
        for name, threads in (("sanad-scenario, one thread", "1"), ("sanad-scenario, all threads", "0")):
            times, evidence, _ = engine(program, path, "0", "396", ["attacks"], threads)
            print(f"{name:36} {np.median(times):10.4f} {evidence:14.1f}")
    times, evidence = [], []
    for seed in range(REPEATS):
        begun = time.perf_counter()
        evidence.append(numpy_filter(counts(), seed))
        times.append(time.perf_counter() - begun)
    print(f"{'numpy, vectorised over members':36} {np.median(times):10.4f} {np.mean(evidence):14.1f}")
    if own:
        model, start, stop, *variables = own
        times, evidence, what = engine(program, model, start, stop, variables, "0")
        print(f"{os.path.basename(model)}: {what}: {np.median(times):.4f} s, log evidence {evidence:.1f}")


main()
