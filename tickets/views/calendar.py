"""The calendar page: the State Council's notice pasted as text, what was understood of it beside what is there, then saved."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Length

from accounts.current import require_actor
from core.clock import now, office_day
from core.db import db
from core.errors import DomainError
from core.forms import OfficeForm
from tickets import registers
from tickets.calendar.notice import ComparedDay, Notice, difference, parse_notice
from tickets.models import CalendarDay, CalendarYear
from tickets.reminders.announcing import announce

_LONGEST = 20_000


class NoticeForm(OfficeForm):
    notice = TextAreaField(
        "通知全文",
        [InputRequired("请粘贴通知全文。"), Length(max=_LONGEST, message="太长了，只粘贴通知正文。")],
        description="从政府网站复制国务院办公厅关于部分节假日安排的通知，连标题一起粘贴。",
    )
    looked_at = BooleanField("以上问题我已对照通知核实，仍按读出的日期保存")


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/admin/calendar", "calendar", show)
    bp.add_url_rule("/admin/calendar", "calendar_read", read, methods=["POST"])
    bp.add_url_rule("/admin/calendar/save", "calendar_save", save, methods=["POST"])


def show() -> ResponseReturnValue:
    """The years that were announced, with their days."""
    return _page(NoticeForm())


def read() -> ResponseReturnValue:
    """What was understood of a notice, day by day beside what the calendar had; nothing is saved yet."""
    form = NoticeForm()
    if not form.validate():
        return _page(form), 422
    try:
        notice = parse_notice(form.notice.data)
    except DomainError as refusal:
        return _page(form, message=str(refusal)), 422
    return _page(form, notice=notice)


def save() -> ResponseReturnValue:
    """Saves what the page before has shown."""
    form, actor = NoticeForm(), require_actor()
    if not form.validate():
        return _page(form), 422
    try:
        notice = parse_notice(form.notice.data)
    except DomainError as refusal:
        return _page(form, message=str(refusal)), 422
    if (notice.problems or notice.unread) and not form.looked_at.data:
        return _page(form, notice=notice, message="还没有保存：请先核对下面列出的问题，再勾选确认。"), 422
    moved = announce(notice, actor=actor)
    flash(f"{notice.year} 年放假安排已保存。", "success")
    flash(
        f"{len(moved)} 件在办件的时限有变动，已写入各件经过，并通知经办人。"
        if moved
        else "在办件的时限都没有变动。",
        "info",
    )
    return redirect(url_for("tickets.calendar"), code=303)


def _page(form: NoticeForm, *, notice: Notice | None = None, message: str = "") -> str:
    session = db.session()
    calendar = registers.working_calendar(session)
    compared: Sequence[ComparedDay] = difference(notice, calendar) if notice else ()
    years = session.scalars(sa.select(CalendarYear).order_by(CalendarYear.year.desc())).all()
    days: dict[int, list[CalendarDay]] = {}
    for day in session.scalars(sa.select(CalendarDay).order_by(CalendarDay.day)):
        days.setdefault(day.year, []).append(day)
    return render_template(
        "tickets/calendar.html",
        form=form,
        understood=notice,
        compared=compared,
        years=years,
        days=days,
        message=message,
        this_year=office_day(now()).year,
        known=notice is not None and notice.year in calendar.announced_years,
    )
