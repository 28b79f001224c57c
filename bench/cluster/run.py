"""Imports invented events and asks for the panel by district and month; prints seconds, peak memory and bytes read.

run.py SANAD FOLDER ADM2.geojson ROWS... [--cluster SANAD_CLUSTER] [--workers 2 4] [--memory MIB] [--keep] [--kept]

SANAD is a release build. For each number of rows: the file is made (make_events.py), imported by events.toml into an observatory
that holds the case of Pakistan and the borders, and the panel over all months is computed twice, by two processes: `panel` places
the locations, checks every file of records and keeps the panel; `again`, after what was kept is removed but for the placing, is what
another question costs. With --cluster both are asked of a scheduler and workers on this machine as well, and must give the same bytes.

Peak memory is the greatest resident size of the process (VmHWM); bytes read are those that it asked the system for (rchar), so that
files in the system's cache count as well, and read from the disk (read_bytes). The number of events in the panel is held against
the rows made: a measurement of a wrong answer is none.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CASE = os.path.join(HERE, "..", "..", "cases", "pakistan")
WORDS = ("VmHWM", "rchar", "read_bytes")


def counts_of(pid):
    """What the system counts of a process; nothing where it has ended."""
    found = {}
    for name in ("status", "io"):
        try:
            with open(f"/proc/{pid}/{name}", encoding="ascii", errors="replace") as file:
                for line in file:
                    word, _, value = line.partition(":")
                    if word in WORDS:
                        found[word] = int(value.split()[0])
        except (OSError, ValueError):
            pass
    return found


def measured(*command):
    """Seconds, peak MB, MB asked for and MB read from the disk by one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    talk = []
    reader = threading.Thread(target=lambda: talk.extend(process.stderr))
    reader.start()
    last, ended = {}, 0
    while not ended:
        last.update(counts_of(process.pid))
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if not ended:
            time.sleep(0.05)
    seconds = time.perf_counter() - started
    reader.join()
    if status != 0:
        raise SystemExit(f"{command} failed with {status}: {''.join(talk)[-2000:]}")
    return seconds, usage.ru_maxrss / 1024, last.get("rchar", 0) / 1e6, last.get("read_bytes", 0) / 1e6


def size_of(folder):
    files = ((top, name) for top, _, names in os.walk(folder) for name in names)
    return sum(os.path.getsize(os.path.join(top, name)) for top, name in files)


def row(rows, what, values):
    seconds, peak, asked, read = values
    clock = f"{seconds:>9.1f} s" if seconds is not None else " " * 11
    print(f"{rows:>11,} {what:<28}{clock}{peak:>8.0f} MB{asked:>10.0f} MB{read:>10.0f} MB", flush=True)


def panel(program, observatory, out, *more):
    return (
        program, "panel", "--observatory", observatory, "--unit", "adm2", "--places", "current", "--source",
        "invented-events", "--from", "1985-01", "--to", "2024-12", "--out", out, *more,
    )  # fmt: skip


def check(out, rows):
    """The panel's events have to be the rows made."""
    with open(out, newline="", encoding="utf-8") as file:
        events = sum(float(line["events"] or 0) for line in csv.DictReader(file))
    assert round(events) == rows, f"{events} events in the panel, expected {rows}"


def on_cluster(asked, number, observatory, out, rows):
    """The same panel of so many workers on this machine; memory is that of the largest of them and the scheduler."""
    start = [asked.cluster, "cluster", "start", "--workers", str(number)]
    start += ["--memory", str(asked.memory)] if asked.memory else []
    cluster = subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = cluster.stdout.readline().strip()
        children = subprocess.run(["pgrep", "-P", str(cluster.pid)], capture_output=True, text=True)
        workers = [int(pid) for pid in children.stdout.split()]
        before = {pid: counts_of(pid) for pid in workers}
        there = out + ".cluster.csv"
        shutil.rmtree(os.path.join(observatory, "results"), ignore_errors=True)
        row(rows, f"again, who asks {number} workers", measured(*panel(asked.cluster, observatory, there, "--cluster", address)))
        after = {pid: counts_of(pid) for pid in workers}
        peak = max(counts.get("VmHWM", 0) for counts in after.values()) / 1024
        both = [sum(after[pid].get(word, 0) - before[pid].get(word, 0) for pid in workers) / 1e6 for word in WORDS[1:]]
        row(rows, f"  largest, sum of {len(workers)} processes", (None, peak, *both))
    finally:
        cluster.terminate()
        cluster.wait()
    with open(out, "rb") as one, open(there, "rb") as other:
        assert one.read() == other.read(), "the cluster's panel has other bytes"


def alone(asked, rows, observatory, out):
    """The file, its import and its panel by one process a step."""
    events = os.path.join(asked.folder, f"events-{rows}.csv")
    shutil.rmtree(observatory, ignore_errors=True)
    if not os.path.exists(events):
        make = [sys.executable, os.path.join(HERE, "make_events.py"), str(rows), events]
        row(rows, "make the file", measured(*make, "--places", os.path.join(CASE, "places.toml")))
    print(f"{rows:>11,} the file has {os.path.getsize(events) / 1e6:,.0f} MB")
    for name, path in (("case", CASE), ("boundaries", asked.boundaries)):
        measured(asked.sanad, "import", name, path, "--observatory", observatory)
    before = size_of(observatory)
    map_file = os.path.join(HERE, "events.toml")
    imported = (asked.sanad, "import", "table", events, "--map", map_file, "--observatory", observatory)
    row(rows, "import", measured(*imported))
    print(f"{rows:>11,} its records have {(size_of(observatory) - before) / 1e6:,.0f} MB", flush=True)
    row(rows, "import again", measured(*imported))
    row(rows, "panel", measured(*panel(asked.sanad, observatory, out)))
    check(out, rows)
    shutil.rmtree(os.path.join(observatory, "results"))
    row(rows, "again", measured(*panel(asked.sanad, observatory, out)))


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("sanad")
    reader.add_argument("folder")
    reader.add_argument("boundaries")
    reader.add_argument("rows", type=int, nargs="+")
    reader.add_argument("--cluster")
    reader.add_argument("--workers", type=int, nargs="+", default=[2, 4])
    reader.add_argument("--memory", type=int, help="MiB of each worker")
    reader.add_argument("--keep", action="store_true", help="keep files and observatories")
    reader.add_argument("--kept", action="store_true", help="ask the cluster alone, of what --keep left")
    asked = reader.parse_args()
    os.makedirs(asked.folder, exist_ok=True)
    print(f"{'rows':>11} {'what':<28}{'time':>11}{'peak':>11}{'asked for':>13}{'from disk':>13}")
    for rows in asked.rows:
        observatory = os.path.join(asked.folder, f"observatory-{rows}")
        out = os.path.join(asked.folder, f"panel-{rows}.csv")
        if not asked.kept:
            alone(asked, rows, observatory, out)
        for number in asked.workers if asked.cluster else ():
            on_cluster(asked, number, observatory, out, rows)
        if not asked.keep:
            shutil.rmtree(observatory)
            os.remove(os.path.join(asked.folder, f"events-{rows}.csv"))


main()
