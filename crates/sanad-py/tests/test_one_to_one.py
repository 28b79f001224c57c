"""Every analysis gives what the command of its name gives: the same columns, the same bits.

Tables are compared as CSV, in which a number has as many digits as tell it from every other one.
"""

from __future__ import annotations

import pytest
from conftest import CASE, GRIEVANCE

import sanad

MONTHS = ("2019-01", "2019-12")
VARY = {"harm": {"distribution": "uniform", "low": 0.1, "high": 0.4}}

# The method, what it is called with, and the command. A case is named in place of CASE, an observatory in place of OBSERVATORY.
ASKED = [
    ("panel", ("adm1", *MONTHS), {}, "panel --observatory OBSERVATORY --unit adm1 --from 2019-01 --to 2019-12"),
    (
        "panel",
        ("country", *MONTHS),
        {"places": "current"},
        "panel --observatory OBSERVATORY --unit country --from 2019-01 --to 2019-12 --places current",
    ),
    (
        "why",
        ("adm1", "Sindh", "2014-05"),
        {},
        "why --observatory OBSERVATORY --unit adm1 --place Sindh --month 2014-05",
    ),
    ("sql", ("SELECT * FROM places ORDER BY place_id, valid_from",), {}, "sql --observatory OBSERVATORY 'SELECT * FROM places ORDER BY place_id, valid_from'"),
    ("sources", (), {}, "sources --observatory OBSERVATORY"),
    ("fronts", (), {"first": "2018-01"}, "fronts CASE --from 2018-01"),
    ("fronts", (), {"unit": "adm2", "first": "2019-06", "last": "2019-08"}, "fronts CASE --unit adm2 --from 2019-06 --to 2019-08"),
    ("front_contributions", ("Sindh", "2019-05"), {}, "fronts CASE --why Sindh 2019-05"),
    ("front_sensitivity", ("2019-05",), {}, "fronts CASE --sensitivity 2019-05"),
    ("front_indicators", (), {}, "fronts CASE --indicators"),
    ("narrative", (), {}, "narrative CASE"),
    ("cycle", (), {}, "cycle CASE"),
    ("interventions", (), {}, "interventions CASE"),
    ("interventions", ("controls",), {}, "interventions CASE --show controls"),
    ("claims", (), {}, "claims CASE"),
    ("network", (), {}, "network CASE"),
    ("network", ("2014-06",), {}, "network CASE --month 2014-06"),
    ("levels", (), {}, "levels CASE"),
    ("levels", ("months",), {}, "levels CASE --table months"),
    ("levels", ("theatres",), {}, "levels CASE --table theatres"),
    ("scenario", (), {"members": 64, "horizon": [12, 24]}, "scenario CASE --members 64 --horizon 12,24"),
    ("scenario", (), {"members": 1000, "horizon": [12], "sensitivity": True}, "scenario CASE --members 1000 --horizon 12 --sensitivity"),
    ("benchmarks", (), {}, "benchmarks CASE"),
    ("benchmarks", ("2025-06",), {}, "benchmarks CASE --as-of 2025-06"),
]

# Methods with a test of their own below, because they give more than one table or none.
APART = {"forecast", "backtest", "brief", "causal_map", "intervention_figures"}


def words(command: str, folder) -> list[str]:
    import shlex

    names = {"CASE": str(CASE), "OBSERVATORY": str(folder)}
    return [names.get(word, word) for word in shlex.split(command)]


@pytest.mark.parametrize(("method", "given", "named", "command"), ASKED, ids=[entry[3][:40] for entry in ASKED])
def test_a_table_is_the_commands(case, observatory, program, folder, method, given, named, command):
    subject = observatory if "OBSERVATORY" in command else case
    table = getattr(subject, method)(*given, **named)
    printed = program(*words(command, folder), "--format", "csv")
    assert table.to_csv() == printed
    assert len(table) > 0


def test_every_analysis_is_compared():
    methods = {name for name in vars(sanad.Record) if not name.startswith("_")}
    assert {entry[0] for entry in ASKED} | APART == methods


def test_a_forecast_is_the_commands(case, program, tmp_path):
    found = case.forecast("adm1", steps=(1, 3), draws=50, model="own-last-12")
    out = tmp_path / "draws.csv"
    printed = program(
        *("forecast", CASE, "--steps", "1..3", "--draws", 50, "--model", "own-last-12", "--out", out, "--format", "csv")
    )
    assert found.summary.to_csv() == printed
    assert found.draws.to_csv() == out.read_text()
    assert found.explanations is None


def test_a_backtest_is_the_commands(case, program, tmp_path):
    found = case.backtest((2018, 2019), ["own-last-12", "zeros"], unit="adm1", draws=50)
    command = "backtest CASE --windows 2018..2019 --model own-last-12,zeros --unit adm1 --draws 50"
    program(*words(command, None), "--out", tmp_path)
    assert found.scores.to_csv() == (tmp_path / "scores.csv").read_text()
    assert found.places.to_csv() == (tmp_path / "places.csv").read_text()
    assert found.hard_cases.to_csv() == (tmp_path / "hard-cases.csv").read_text()
    assert found.report.html == (tmp_path / "report.html").read_text()


def test_a_briefing_is_the_commands(case, program, tmp_path):
    out = tmp_path / "brief.html"
    program("brief", CASE, "--quick", "--out", out)
    assert case.brief(quick=True).html == out.read_text()


def test_figures_are_the_commands(case, program, tmp_path):
    program("claims", CASE, "--out", tmp_path / "claims")
    assert case.causal_map().svg == (tmp_path / "claims" / "causal-map.svg").read_text()
    program("interventions", CASE, "--out", tmp_path / "interventions")
    written = sorted(path.read_text() for path in (tmp_path / "interventions").glob("*.svg"))
    assert sorted(figure.svg for figure in case.intervention_figures()) == written


def test_an_ensemble_is_the_commands(program, tmp_path):
    vary = tmp_path / "vary.toml"
    vary.write_text('[harm]\ndistribution = "uniform"\nlow = 0.1\nhigh = 0.4\n')
    run = sanad.Model.from_file(GRIEVANCE).run(40, vary=VARY, set={"memory": 5.0}, seed=3)
    command = ("simulate", GRIEVANCE, "--members", 40, "--vary", vary, "--set", "memory=5", "--seed", 3)
    assert run.paths().to_csv() == program(*command, "--full", "--format", "csv")
    assert run.bands().to_csv() == program(*command, "--format", "csv")
    one = sanad.Model.from_file(GRIEVANCE).run(method="euler", dt=0.5, stop=8)
    printed = program("simulate", GRIEVANCE, "--method", "euler", "--dt", 0.5, "--stop", 8, "--format", "csv")
    assert one.paths().to_csv() == printed


def test_the_number_of_threads_changes_nothing(case):
    alone = sanad.Case(CASE, threads=1)
    assert alone.fronts(first="2019-01").to_csv() == case.fronts(first="2019-01").to_csv()


def test_a_case_with_an_observatory_reads_both(folder, case):
    both = sanad.Case(CASE, folder)
    assert both.levels().to_csv() == case.levels().to_csv()
