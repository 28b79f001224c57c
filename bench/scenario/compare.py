"""Compares every variable of models with Simlin, an independent engine (PyPI: pysimlin).

    cargo build --release -p sanad-scenario --example simulate
    python compare.py TARGET/release/examples/simulate models/*.xmile

Prints the worst relative difference of each variable that is above 1e-9; ends with 1 if a model
cannot be compared.
"""

import csv
import io
import subprocess
import sys

import numpy as np
import simlin


def canonical(name):
    return "_".join(name.lower().replace(", ", ",").split())


def ours(program, path):
    text = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout
    rows = list(csv.reader(io.StringIO(text)))
    columns = np.array(rows[1:], dtype=float).T
    return {canonical(name): column for name, column in zip(rows[0], columns)}


def theirs(path):
    frame = simlin.load(path).run(analyze_loops=False).results
    return {canonical(name.replace("·", ".")): frame[name].to_numpy() for name in frame.columns}


def main():
    program, status = sys.argv[1], 0
    for path in sys.argv[2:]:
        try:
            mine, other = ours(program, path), theirs(path)
        except Exception as fault:  # an engine that refuses is a result, not a crash
            print(f"{path}: {fault}")
            status = 1
            continue
        shared = sorted(set(mine) & set(other))
        worst = {}
        for name in shared:
            a, b = mine[name], other[name]
            scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-6)
            worst[name] = float(np.nanmax(np.abs(a - b) / scale)) if len(a) == len(b) else np.inf
        apart = {name: gap for name, gap in worst.items() if gap > 1e-9}
        print(f"{path}: {len(shared)} variables compared, {len(apart)} differ")
        for name, gap in apart.items():
            place = int(np.nanargmax(np.abs(mine[name] - other[name])))
            print(f"    {name}: {gap:.1e} (row {place}: {mine[name][place]!r}, Simlin {other[name][place]!r})")
        absent = sorted(set(mine) - set(other) - {"time"})
        if absent:
            print(f"    not compared: {', '.join(absent)}")
    sys.exit(status)


main()
