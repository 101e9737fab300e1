"""Bar charts as SVG, made on the server: attributes only, no script, no style. A table with the figures stands beside each. Pure.

Every bar carries its figure in words, so that nothing is told by colour or length alone. Bars stand in the order of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.contents import CellKind, Table

_WIDTH, _LABEL, _ROW, _BAR, _HEAD = 640, 168, 16, 12, 24
_ROOM = _WIDTH - _LABEL - 64  # what the longest bar has; its figure stands behind it
_INKS = ("#1f4e79", "#8fa9c2")
_COMPARED = ("本期", "上期")
MOST = 24  # more bars than this nobody reads


@dataclass(frozen=True)
class Bars:
    """One label with a bar for each series; None where a series has nothing to say."""

    label: str
    values: tuple[int | None, ...]


def bar_chart(title: str, series: Sequence[str], rows: Sequence[Bars]) -> Markup:
    """The chart, or nothing where there is nothing to show or too much."""
    longest = max((value or 0 for row in rows for value in row.values), default=0)
    if not longest or len(rows) > MOST:
        return Markup()
    height_of_row = _ROW * len(series) + 8
    height = _HEAD + height_of_row * len(rows)
    parts = [
        f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>',
        *_legend(series),
    ]
    for place, row in enumerate(rows):
        top = _HEAD + place * height_of_row
        middle = top + (height_of_row - 8) / 2 + 5
        parts.append(
            f'<text x="{_LABEL - 8}" y="{middle:g}" text-anchor="end" font-size="14">{escape(_short(row.label))}</text>'
        )
        for index, value in enumerate(row.values):
            if value is not None:
                parts += _bar(top + index * _ROW, value, longest, _INKS[index])
    parts.append("</svg>")
    return Markup("".join(parts))  # noqa: S704 - every text in it was escaped above


def chart_of(table: Table) -> Markup:
    """The chart of a breakdown (本期 beside 上期); nothing for any other table."""
    titles = [column.title for column in table.columns]
    if len(table.rows) < 2 or titles[1:3] != list(_COMPARED):
        return Markup()
    if table.columns[1].kind is not CellKind.NUMBER:
        return Markup()
    rows = [
        Bars(str(row[0]), tuple(cell if isinstance(cell, int) else None for cell in row[1:3]))
        for row in table.rows
    ]
    compared = any(row.values[1] is not None for row in rows)
    series = _COMPARED if compared else _COMPARED[:1]
    return bar_chart(table.title, series, rows if compared else [Bars(r.label, r.values[:1]) for r in rows])


def _legend(series: Sequence[str]) -> list[str]:
    if len(series) < 2:
        return []
    parts = []
    for place, name in enumerate(series):
        left = _LABEL + place * 90
        parts.append(f'<rect x="{left}" y="4" width="12" height="12" fill="{_INKS[place]}"/>')
        parts.append(f'<text x="{left + 17}" y="15" font-size="13">{escape(name)}</text>')
    return parts


def _bar(top: float, value: int, longest: int, ink: str) -> list[str]:
    length = round(_ROOM * value / longest, 1)
    return [
        f'<rect x="{_LABEL}" y="{top:g}" width="{length:g}" height="{_BAR}" fill="{ink}"/>',
        f'<text x="{_LABEL + length + 6:g}" y="{top + 11:g}" font-size="13">{value}</text>',
    ]


def _short(label: str) -> str:
    return label if len(label) <= 11 else f"{label[:10]}…"
