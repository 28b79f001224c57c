"""Rows of tables for people: every column in every row, and as HTML."""

from __future__ import annotations

from html import escape
from typing import Any


def with_all_columns(rows: list[dict[str, Any]], columns: list[str]) -> list[dict[str, Any]]:
    """The rows with None where a value is missing."""
    return [{column: row.get(column) for column in columns} for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, float):
        return f'<td style="text-align:right">{value:.6g}</td>'
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td style="text-align:right">{value}</td>'
    return f"<td>{escape(str(value))}</td>"


def html(rows: list[dict[str, Any]], columns: list[str], total: int) -> str:
    """The first rows as an HTML table, with how many there are."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(_cell(row[column]) for column in columns) + "</tr>" for row in rows)
    shown = f"{len(rows)} of {total} rows" if len(rows) < total else f"{total} rows"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{shown} × {len(columns)} columns</p>"
