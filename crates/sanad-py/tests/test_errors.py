"""Errors are exceptions with what, because of what, and what to do."""

from __future__ import annotations

import pytest
from conftest import CASE

import sanad


def test_a_folder_that_is_no_case_says_what_to_name(tmp_path):
    with pytest.raises(sanad.SanadError) as caught:
        sanad.Case(tmp_path)
    assert "case.toml" in caught.value.message
    assert caught.value.hint and "hint: " in str(caught.value)


def test_an_observatory_that_is_not_there_says_so(tmp_path):
    with pytest.raises(sanad.SanadError) as caught:
        sanad.Observatory(tmp_path / "absent")
    assert "absent" in str(caught.value) and caught.value.hint


def test_words_that_are_not_known_are_refused_with_those_that_are(case):
    for wrong, expected in [
        (lambda: case.panel("adm3", "2019-01", "2019-02"), "adm1"),
        (lambda: case.cycle("link"), "links"),
        (lambda: case.levels("strech"), "stretches"),
        (lambda: case.claims("no-such"), "claim"),
        (lambda: case.interventions(id="no-such"), "id"),
        (lambda: case.forecast(model="oracle"), "sanad"),
        (lambda: case.backtest((2018, 2018), "oracle"), "sanad"),
        (lambda: case.panel("adm1", "2019-13", "2019-02"), "month such as 2019-05"),
        (lambda: case.panel("adm1", "2019-03", "2019-02"), "not before"),
        (lambda: case.panel("adm1", 473, 2_000_000_000), "month_id of a year"),
        (lambda: case.fronts(first="2090-01"), "months that are measured"),
    ]:
        with pytest.raises(sanad.UsageError, match=expected):
            wrong()


def test_a_statement_that_is_wrong_says_where(observatory):
    with pytest.raises(sanad.SanadError) as caught:
        observatory.sql("SELECT nonsense FROM places")
    assert "nonsense" in str(caught.value)


def test_months_are_texts_dates_or_numbers(observatory):
    import datetime

    given = ["2019-05", datetime.date(2019, 5, 17), 473]
    tables = [observatory.panel("country", month, month).to_csv() for month in given]
    assert tables[0] == tables[1] == tables[2]


def test_the_day_of_reproducible_builds_is_read_as_the_program_reads_it(monkeypatch):
    from sanad._today import today

    for seconds, day in [("0", "1970-01-01"), ("-1", "1969-12-31"), ("1767225600", "2026-01-01")]:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)
        assert today() == day
    for wrong in ["", "today", "2026-01-01", "1.5", "1_767", "9223372036854775807"]:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(sanad.UsageError, match="SOURCE_DATE_EPOCH"):
            today()


def test_the_program_exits_with_its_codes(capfd):
    from sanad import _sanad

    assert _sanad.run_program(["sanad", "--version"]) == 0
    assert capfd.readouterr().out.strip() == f"sanad {sanad.__version__}"
    assert _sanad.run_program(["sanad", "no-such-command"]) == 2
    assert _sanad.run_program(["sanad", "brief", str(CASE / "absent")]) == 1
