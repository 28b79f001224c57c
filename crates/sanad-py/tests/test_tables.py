"""Tables cross as Arrow C streams, and show themselves."""

from __future__ import annotations

import math

import pytest

pyarrow = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def table(observatory):
    return observatory.panel("adm1", "2019-01", "2019-12")


def test_pyarrow_takes_a_table_with_its_types_and_gaps(table, program, folder, tmp_path):
    import pyarrow.parquet

    out = tmp_path / "panel.parquet"
    command = ("panel", "--observatory", folder, "--unit", "adm1", "--from", "2019-01", "--to", "2019-12")
    program(*command, "--out", out)
    arrow = pyarrow.table(table)
    assert arrow.equals(pyarrow.parquet.read_table(out))
    assert arrow.column_names == table.columns
    assert (arrow.num_rows, arrow.num_columns) == table.shape


def test_a_table_can_be_read_again_and_outlives_its_reader(table):
    first, second = pyarrow.table(table), pyarrow.table(table)
    assert first.equals(second)
    del first
    assert second.num_rows == len(table)


def test_columns_are_shared_and_not_copied(observatory):
    table = observatory.sql("SELECT 1.5 AS x")
    addresses = [pyarrow.table(table)["x"].chunk(0).buffers()[1].address for _ in range(2)]
    assert addresses[0] == addresses[1]


def test_polars_pandas_and_duckdb_take_a_table(table):
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    assert polars.DataFrame(table).shape == table.shape
    assert table.to_polars().columns == table.columns
    assert list(table.to_pandas().columns) == table.columns
    import pandas

    if hasattr(pandas.DataFrame, "from_arrow"):
        assert pandas.DataFrame.from_arrow(table).shape == table.shape
    panel = table
    assert duckdb.sql("SELECT count(*) FROM panel").fetchall() == [(len(panel),)]


def test_dicts_have_every_column_in_every_row(observatory):
    rows = observatory.sql("SELECT 1 AS a, CAST(NULL AS INT) AS b").to_dicts()
    assert rows == [{"a": 1, "b": None}]


def test_a_table_shows_itself(table, observatory):
    html = table._repr_html_()
    assert html.startswith("<table>") and f"of {len(table)} rows" in html
    assert "place_id" in repr(table) and f"{len(table)} rows" in repr(table)
    shown = observatory.sql("SELECT '<b>' AS x")._repr_html_()
    assert "&lt;b&gt;" in shown and "<b>" not in shown


def test_a_table_is_written_in_the_form_of_its_ending(table, tmp_path):
    import sanad

    table.write(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == table.to_csv()
    with pytest.raises(sanad.UsageError, match=r"\.parquet"):
        table.write(tmp_path / "t.xlsx")


def test_figures_and_pages_show_themselves(case):
    figure = case.causal_map()
    assert figure._repr_svg_().startswith("<svg") or "<svg" in figure._repr_svg_()[:300]
    assert figure.title and figure.csv.count("\n") > 1
    page = case.brief(quick=True)
    assert page._repr_html_().startswith("<iframe srcdoc=") and math.isfinite(len(page.html))
