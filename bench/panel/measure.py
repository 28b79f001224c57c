"""Runs everybody in turn, asserts that the panels agree and prints times, memory and ratios.

measure.py SANAD READ_GED FOLDER EVENTS.csv ADM2.geojson CASE
"""

import csv
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

RUNS = 5
shares = []
sanad, read_ged, folder, events, boundaries, case = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))


def run(*command):
    """Wall seconds and peak memory (MB) of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"{command} failed with {status}")
    return seconds, usage.ru_maxrss / 1024


def prepared():
    """A fresh observatory that holds the case and the boundaries."""
    target = os.path.join(folder, "observatory")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(os.path.join(folder, "prepared"), target)
    return target


def of_sanad(out):
    target = prepared()
    first = run(sanad, "import", "ucdp-ged", events, "--observatory", target, "--show", "0")
    panel = [
        sanad, "panel", "--observatory", target, "--unit", "adm2", "--places", "current",
        "--from", "1989-01", "--to", "2021-12", "--out", out,
    ]
    second = run(*panel)
    # For the shares only, not counted: reading without writing, and the panel once more with the
    # placing of locations at hand.
    shutil.rmtree(os.path.join(target, "results"))
    shares.append((run(read_ged, events)[0], first[0], second[0], run(*panel)[0]))
    return [("import", *first), ("panel", *second)]


def of_peer(engine):
    def peer(out):
        script = os.path.join(here, "peers.py")
        return [(engine, *run(sys.executable, script, engine, events, boundaries, out))]

    return peer


def panel_of(name, out):
    """The panel as {(district, month): (events, low, best, high)}, without zeros."""
    with open(out, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if name != "sanad":
            return {
                (row["district"], row["month"]): tuple(
                    int(row[column]) for column in ("events", "low", "best", "high")
                )
                for row in rows
            }
        columns = ("events", "deaths_low", "deaths_best", "deaths_high")
        return {
            (row["place_id"], row["month"]): tuple(int(float(row[column])) for column in columns)
            for row in rows
            if float(row["events"] or 0) > 0 and not row["place_id"].startswith("unplaced")
        }


empty = os.path.join(folder, "prepared")
shutil.rmtree(empty, ignore_errors=True)
for name, path in (("case", case), ("boundaries", boundaries)):
    run(sanad, "import", name, path, "--observatory", empty)

engines = {"sanad": of_sanad}
engines.update({name: of_peer(name) for name in ("pandas", "polars", "duckdb")})
seconds, memory, answers, parts = {}, {}, {}, []
for number in range(RUNS + 1):
    for name, engine in engines.items():
        out = os.path.join(folder, f"{name}.csv")
        done = engine(out)
        answers[name] = panel_of(name, out)
        if number > 0:  # the first round warms the file cache
            seconds.setdefault(name, []).append(sum(part[1] for part in done))
            memory.setdefault(name, []).append(max(part[2] for part in done))
            if name == "sanad":
                parts.append(done)

for name, answer in answers.items():
    assert answer == answers["sanad"], f"{name} disagrees with sanad"
totals = [sum(row[at] for row in answers["sanad"].values()) for at in range(4)]
print(f"all {len(answers)} panels agree: {len(answers['sanad'])} district-months with events,")
print("events, deaths low, best, high:", *totals)
base = statistics.median(seconds["sanad"])
print(f"{'':<10}{'best s':>9}{'median s':>10}{'peak MB':>9}{'ratio':>7}")
for name in engines:
    median = statistics.median(seconds[name])
    print(
        f"{name:<10}{min(seconds[name]):>9.2f}{median:>10.2f}"
        f"{statistics.median(memory[name]):>9.0f}{median / base:>7.1f}"
    )
reading, imported, panelled, again = (
    statistics.median(share[at] for share in shares[1:]) for at in range(4)
)
total = imported + panelled
print(f"sanad: import {imported:.2f} s, panel {panelled:.2f} s; of the two together")
for name, part in (
    ("reading, checking, hashing", reading),
    ("writing durably", imported - reading),
    ("placing", panelled - again),
    ("grouping and writing the panel", again),
):
    print(f"  {name:<32}{part:>6.2f} s {100 * part / total:>4.0f} %")
