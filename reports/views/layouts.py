"""/reports/layouts: columns chosen, ordered and named once, exported as often as an office above wants its form."""

from __future__ import annotations

import io
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from accounts.current import require_actor
from accounts.models import Section
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound, StaleVersion
from core.forms import OfficeForm, chosen_row, whole_number
from core.text import clean_line
from reports.layouts import verbs
from reports.layouts.columns import Chosen, arranged, as_csv, as_values, from_text, known_columns
from reports.layouts.models import ExportLayout
from reports.layouts.verbs import Asked, Which
from tickets.spreadsheet import write_sheet

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = "导出"


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/reports/layouts", "layouts", index)
    bp.add_url_rule("/reports/layouts/new", "new_layout", new, methods=["GET", "POST"])
    bp.add_url_rule("/reports/layouts/<int:layout_id>", "layout", change, methods=["GET", "POST"])
    bp.add_url_rule("/reports/layouts/<int:layout_id>/export", "layout_export", export)
    bp.add_url_rule("/reports/layouts/<int:layout_id>/retired", "layout_retire", retire, methods=["POST"])


def index() -> ResponseReturnValue:
    """The own sections' layouts, each with its export."""
    return _index()


def _index(message: str = "") -> str:
    actor = require_actor()
    today = office_day(now())
    return render_template(
        "reports/layouts.html",
        layouts=[
            (layout, section, from_text(layout.columns)) for layout, section in verbs.own(db.session(), actor)
        ],
        may_make=any(verbs.may_change(actor, section) for section in actor.section_ids),
        which=Which,
        first_day=_day("from") or today.replace(day=1),
        last_day=_day("to") or today,
        message=message,
    )


def new() -> ResponseReturnValue:
    return _form(None)


def change(layout_id: int) -> ResponseReturnValue:
    return _form(verbs.found(db.session(), layout_id, require_actor()))


def _form(layout: ExportLayout | None) -> ResponseReturnValue:
    """The table of all columns; a POST saves it, and a refused one is shown as it was typed."""
    if request.method == "GET":
        return _form_page(layout, _rows(from_text(layout.columns) if layout else ()))
    form = OfficeForm()
    key, version = (layout.id, whole_number(request.form.get("version")) or 0) if layout else (None, 0)
    section_id = layout.section_id if layout else chosen_row(request.form.get("section"))
    if not form.validate_on_submit():
        return _form_page(layout, _typed_rows(), "页面放得太久，请再保存一次。"), 422
    try:
        with transaction() as writing:
            saved = verbs.save(
                writing,
                key=key,
                section_id=section_id,
                name=request.form.get("name", "")[:60],
                chosen=arranged(_typed()),
                version=version,
                actor=require_actor(),
            ).name
    except (NotFound, StaleVersion):
        raise
    except DomainError as refusal:
        end_read()
        return _form_page(layout, _typed_rows(), str(refusal)), 422
    flash(f"导出格式“{saved}”已保存。", "success")
    return redirect(url_for(".layouts"), code=303)


def _form_page(layout: ExportLayout | None, rows: list[dict[str, object]], message: str = "") -> str:
    actor, session = require_actor(), db.session()
    sections = [
        row
        for key in sorted(actor.section_ids)
        if verbs.may_change(actor, key) and (row := session.get(Section, key)) is not None
    ]
    return render_template(
        "reports/layout.html",
        layout=layout,
        sections=sections,
        name=request.form.get("name", layout.name if layout else ""),
        rows=rows,
        form=OfficeForm(),
        message=message,
    )


def _rows(chosen: tuple[Chosen, ...]) -> list[dict[str, object]]:
    """Every column of the ledger: the chosen ones first, in their order."""
    at = {each.column: place for place, each in enumerate(chosen, start=1)}
    headings = {each.column: each.heading for each in chosen}
    names = sorted(known_columns(), key=lambda name: at.get(name, len(at) + 1))
    return [
        {
            "index": known_columns().index(name),
            "column": name,
            "used": name in at,
            "place": at.get(name, ""),
            "heading": headings.get(name, ""),
        }
        for name in names
    ]


def _typed() -> list[tuple[str, str, int]]:
    """What was ticked, with heading and place; a place that is no number comes last."""
    return [
        (
            name,
            request.form.get(f"heading-{index}", ""),
            whole_number(request.form.get(f"place-{index}")) or 10_000 + index,
        )
        for index, name in enumerate(known_columns())
        if request.form.get(f"use-{index}")
    ]


def _typed_rows() -> list[dict[str, object]]:
    return [
        {
            "index": index,
            "column": name,
            "used": bool(request.form.get(f"use-{index}")),
            "place": clean_line(request.form.get(f"place-{index}", ""), 6),
            "heading": clean_line(request.form.get(f"heading-{index}", ""), 60),
        }
        for index, name in enumerate(known_columns())
    ]


def retire(layout_id: int) -> ResponseReturnValue:
    with transaction() as writing:
        verbs.retire(writing, layout_id, actor=require_actor())
    flash("这个导出格式不再使用。", "success")
    return redirect(url_for(".layouts"), code=303)


def export(layout_id: int) -> ResponseReturnValue:
    """The file; that it was taken is written down."""
    actor, today = require_actor(), office_day(now())
    which = next((each for each in Which if each.value == request.args.get("which")), Which.NEW)
    asked = Asked(which=which, first_day=_day("from") or today.replace(day=1), last_day=_day("to") or today)
    kind = "csv" if request.args.get("format") == "csv" else "xlsx"
    try:
        with transaction() as writing:
            layout = verbs.found(writing, layout_id, actor)
            name = f"{layout.name}（{asked.first_day}至{asked.last_day}）.{kind}"
            table = verbs.export(writing, layout, asked, actor=actor, kind=kind)
    except NotFound:
        raise
    except DomainError as refusal:
        end_read()
        return _index(str(refusal)), 422
    if kind == "csv":
        content = io.BytesIO(as_csv(table))
    else:
        content = io.BytesIO()
        columns = [(column.title, column.width * 2 + 2) for column in table.columns]
        rows = (as_values(row, table.columns) for row in table.rows)
        write_sheet(content, _SHEET, columns, rows, created=now())
        content.seek(0)
    answer: Response = send_file(
        content,
        mimetype="text/csv; charset=utf-8" if kind == "csv" else _XLSX,
        as_attachment=True,
        download_name=name,
    )
    return answer


def _day(name: str) -> date | None:
    """A day of the address; None for what is none, or what no calendar of an office has."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None
