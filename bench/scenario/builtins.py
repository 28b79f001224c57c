"""Every built-in function of XMILE 1.0, one small model each, on three engines.

    pip install pysd pysimlin
    cargo build --release -p sanad-scenario --example simulate
    python builtins.py TARGET/release/examples/simulate

Prints a row per function: "same" (to 1e-6), the worst relative difference, or "refused" for each
of PySD and Simlin against ours. Random functions are compared by whether they are accepted.
"""

import csv
import io
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pysd
import simlin

warnings.filterwarnings("ignore")

# y is put into every model: x rises from -10 to 10 in steps of 0.25 times 4.
EQUATIONS = {
    "ABS": "ABS(x)",
    "ARCCOS": "ARCCOS(x / 10)",
    "ARCSIN": "ARCSIN(x / 10)",
    "ARCTAN": "ARCTAN(x)",
    "COS": "COS(x)",
    "EXP": "EXP(x)",
    "INT above zero": "INT(ABS(x))",
    "INT below zero": "INT(x)",
    "LN": "LN(x + 11)",
    "LOG10": "LOG10(x + 11)",
    "MAX": "MAX(x, 3)",
    "MIN": "MIN(x, 3)",
    "PI": "x * PI",
    "SIN": "SIN(x)",
    "SQRT": "SQRT(x + 10)",
    "TAN": "TAN(x / 10)",
    "INF": "MIN(INF, x)",
    "MOD above zero": "(x + 10) MOD 3",
    "MOD below zero": "x MOD 3",
    "power": "-2 ^ 2 + 2 ^ 3 ^ 2 + x ^ 2",
    "unary and power": "-x ^ 2",
    "NOT": "IF NOT (x > 2) THEN 1 ELSE 0",
    "AND, OR": "IF x > 2 AND x < 5 OR x = -1 THEN 1 ELSE 0",
    "comparison": "(x <= 1) + (x >= 2) + (x <> 3) + (x = 4)",
    "comparison chain": "1 + (x < 2 = 1)",
    "comment": "x {one} + {two} 1",
    "nested IF": "IF x < 0 THEN -1 ELSE IF x > 5 THEN 2 ELSE 1",
    "numbers": ".5 + 1. + 2e-3 + 3E+1",
    "EXPRND": "EXPRND(2)",
    "LOGNORMAL": "LOGNORMAL(2, 1)",
    "NORMAL": "NORMAL(2, 1)",
    "NORMAL with seed": "NORMAL(2, 1, 7)",
    "POISSON": "POISSON(3)",
    "RANDOM": "RANDOM(1, 2)",
    "DELAY": "DELAY(x, 3)",
    "DELAY, initial": "DELAY(x, 3, 7)",
    "DELAY1": "DELAY1(x, 3)",
    "DELAY1, initial": "DELAY1(x, 3, 7)",
    "DELAY3": "DELAY3(x, 3)",
    "DELAY3, initial": "DELAY3(x, 3, 7)",
    "DELAYN": "DELAYN(x, 3, 2)",
    "DELAYN, initial": "DELAYN(x, 3, 2, 7)",
    "FORCST": "FORCST(x + 20, 5, 10)",
    "FORCST, initial": "FORCST(x + 20, 5, 10, 0.1)",
    "SMTH1": "SMTH1(x, 3)",
    "SMTH1, initial": "SMTH1(x, 3, 7)",
    "SMTH3": "SMTH3(x, 3)",
    "SMTH3, initial": "SMTH3(x, 3, 7)",
    "SMTHN": "SMTHN(x, 3, 2)",
    "SMTHN, initial": "SMTHN(x, 3, 2, 7)",
    "TREND": "TREND(x + 20, 5)",
    "TREND, initial": "TREND(x + 20, 5, 0.1)",
    "PULSE": "PULSE(20, 3)",
    "PULSE, interval": "PULSE(20, 3, 5)",
    "RAMP": "RAMP(2, 5)",
    "RAMP down": "RAMP(-2, 5)",
    "STEP": "STEP(6, 3)",
    "DT": "DT * x",
    "STARTTIME": "STARTTIME + x",
    "STOPTIME": "STOPTIME + x",
    "TIME": "TIME",
    "INIT": "INIT(s) + x",
    "PREVIOUS": "PREVIOUS(x, 0)",
    "PREVIOUS SELF": "PREVIOUS(SELF, 0) + 1",
    "stock": "s",
    "flow of a stock": "into",
    "table": "curve",
    "table called": "shape(x)",
    "table discrete": "steps",
    "table extrapolated": "line",
    "SUM": "SUM(v)",
    "SUM of a slice": "SUM(m[a, *])",
    "MEAN": "MEAN(v)",
    "MIN of an array": "MIN(v)",
    "MAX of an array": "MAX(v)",
    "PROD": "PROD(v)",
    "SIZE": "SIZE(v)",
    "STDDEV": "STDDEV(v)",
    "RANK": "RANK(v, 1)",
    "element by name": "v[b] + m[b, c2]",
    "element by number": "v[2]",
    "element by value": "v[INT(MAX(1, MIN(3, x)))]",
    "quoted name": '"odd name (%)" + x',
    "case of names": "S + V[A]",
    "SAFEDIV": "SAFEDIV(x, x - 1, 9)",
    "module": "inner.out",
    "macro": "TWICE(x)",
    "macro with a stock": "LAGGED(x, 3)",
}
RANDOM = {"EXPRND", "LOGNORMAL", "NORMAL", "NORMAL with seed", "POISSON", "RANDOM"}

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>Sanad</vendor><product version="1">bench</product><name>builtins</name></header>
<sim_specs method="Euler" time_units="Month"><start>0</start><stop>20</stop><dt>0.25</dt></sim_specs>
"""
DIMENSIONS = """<dimensions><dim name="D"><elem name="a"/><elem name="b"/><elem name="c"/></dim>
<dim name="E"><elem name="c1"/><elem name="c2"/></dim></dimensions>
"""
SUPPORT = {
    "s": '<stock name="s"><eqn>5</eqn><inflow>into</inflow></stock><flow name="into"><eqn>s / 10 + x</eqn></flow>',
    "curve": '<aux name="curve"><eqn>x</eqn><gf><xscale min="-5" max="5"/><ypts>0,1,4,9</ypts></gf></aux>',
    "shape": '<gf name="shape"><xpts>-5,0,5</xpts><ypts>1,2,8</ypts></gf>',
    "steps": '<aux name="steps"><eqn>x</eqn><gf type="discrete"><xscale min="-5" max="5"/><ypts>0,1,4,4</ypts></gf></aux>',
    "line": '<aux name="line"><eqn>x</eqn><gf type="extrapolate"><xscale min="-5" max="5"/><ypts>0,1,4,9</ypts></gf></aux>',
    "v": '<aux name="v"><dimensions><dim name="D"/></dimensions><element subscript="a"><eqn>3</eqn></element>'
    '<element subscript="b"><eqn>x</eqn></element><element subscript="c"><eqn>8</eqn></element></aux>',
    "m": '<aux name="m"><dimensions><dim name="D"/><dim name="E"/></dimensions><eqn>x + 1</eqn></aux>',
    '"odd name (%)"': '<aux name="odd name (%)"><eqn>4</eqn></aux>',
    "inner": '<module name="inner"><connect to="inner.given" from="x"/></module>',
}
SUBMODEL = """<model name="inner"><variables><aux name="given" access="input"><eqn>0</eqn></aux>
<aux name="out" access="output"><eqn>given * 2</eqn></aux></variables></model>
"""
MACROS = {
    "TWICE": '<macro name="TWICE"><parm>p</parm><eqn>2 * p</eqn></macro>',
    "LAGGED": '<macro name="LAGGED"><parm>p</parm><parm>lag</parm><eqn>held</eqn><variables><stock name="held">'
    "<eqn>p</eqn><inflow>change</inflow></stock><flow name=\"change\"><eqn>(p - held) / lag</eqn></flow></variables></macro>",
}


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def model(equation):
    """The smallest file in which the equation has all it names."""
    lower = equation.lower()
    words = "".join(c if c.isalnum() or c == "_" else " " for c in lower).split()
    wanted = set(words) | ({"s"} if "into" in words else set())
    needed = [text for name, text in SUPPORT.items() if name in wanted or (name[0] == '"' and name in equation)]
    arrays = any(name in words for name in ("v", "m"))
    parts = "".join(needed)
    macros = "".join(text for name, text in MACROS.items() if name in equation)
    return (
        HEAD
        + (DIMENSIONS if arrays else "")
        + '<model><variables><aux name="x"><eqn>TIME - 10</eqn></aux>'
        + f'<aux name="y"><eqn>{escaped(equation)}</eqn></aux>{parts}</variables></model>'
        + (SUBMODEL if "inner" in words else "")
        + macros
        + "</xmile>"
    )


def ours(program, path):
    text = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout
    rows = list(csv.reader(io.StringIO(text)))
    return np.array([float(row[rows[0].index("y")]) for row in rows[1:]])


def of_pysd(path):
    return pysd.read_xmile(str(path)).run(return_columns=["y"])["y"].to_numpy(dtype=float)


def of_simlin(path):
    return simlin.load(str(path)).run(analyze_loops=False).results["y"].to_numpy()


def verdict(mine, run, path, is_random):
    try:
        other = run(path)
    except Exception:  # an engine that refuses is a result, not a crash
        return "refused"
    if is_random:
        return "accepted"
    if len(mine) != len(other):
        return f"{len(other)} rows"
    both = np.isfinite(mine) & np.isfinite(other)
    if not both.any():
        return "no numbers"
    scale = np.maximum(np.maximum(np.abs(mine), np.abs(other)), 1e-6)
    gap = np.where(both, np.abs(mine - other) / scale, 0.0)
    missing = int((np.isfinite(mine) & ~np.isfinite(other)).sum())
    at = int(np.argmax(gap))
    if gap[at] <= 1e-6:
        return "same" if missing == 0 else f"same, {missing} not finite"
    return f"{gap[at]:.1e} (row {at}: {mine[at]:.6g}, there {other[at]:.6g})"


def main():
    program = sys.argv[1]
    counts = {"PySD": 0, "Simlin": 0}
    print("| function | ours | PySD | Simlin |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for at, (name, equation) in enumerate(EQUATIONS.items()):
            path = pathlib.Path(folder) / f"m{at}.xmile"
            path.write_text(model(equation))
            try:
                mine = ours(program, path)
            except subprocess.CalledProcessError as fault:
                print(f"| {name} | refused: {fault.stderr.strip()} | | |")
                continue
            found = [verdict(mine, run, path, name in RANDOM) for run in (of_pysd, of_simlin)]
            for engine, said in zip(counts, found):
                counts[engine] += said.startswith(("same", "accepted"))
            print(f"| {name} | `{equation}` | {found[0]} | {found[1]} |", flush=True)
    total = len(EQUATIONS)
    print(f"\nof {total}: " + ", ".join(f"{count} as {name}" for name, count in counts.items()))


main()
