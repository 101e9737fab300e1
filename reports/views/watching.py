"""/supervision: orders, what is late and why, statistics that lead to single cases by their released facts."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.current import require_actor
from accounts.vocabulary import Role
from core import audit
from core.clock import now, office_day
from core.db import db, transaction
from core.forms import whole_number
from reports import case_page, records, school_page, statistics, supervision, watching
from reports.contents import BulletinKind
from reports.periods import containing, year_begins
from reports.render.charts import Bars, bar_chart
from reports.statistics import Filters
from tickets.late import GROUPS
from tickets.queries.overdue import overview
from tickets.vocabulary import Channel, Status

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/supervision", "supervision", show)
    bp.add_url_rule("/supervision/statistics", "statistics", show_statistics)
    bp.add_url_rule("/supervision/cases/<number>", "case", show_case)
    bp.add_url_rule("/supervision/schools/<int:school_id>", "school", show_school)


def show() -> ResponseReturnValue:
    """What is late now, and the orders that are open."""
    actor, at = require_actor(), now()
    session = db.session()
    return render_template(
        "reports/supervision.html",
        found=overview(session, actor, at),
        groups=GROUPS,
        orders=watching.orders(session, actor, office_day(at), open_only=request.args.get("all") is None),
        everything=request.args.get("all") is not None,
        kinds=supervision.kinds_open_to(actor),
        may_audit=actor.has(Role.SUPERVISOR, Role.HEAD),
        may_export=actor.has(Role.HANDLER, Role.HEAD, Role.LEADER),
        may_read_reports=actor.has(Role.SUPERVISOR, Role.HEAD, Role.LEADER),
    )


def show_statistics() -> ResponseReturnValue:
    """Counts that lead on to fewer, and at the end to the cases themselves."""
    actor, at = require_actor(), now()
    filters = _filters()
    session = db.session()
    lines, following = statistics.case_lines(
        session, actor, filters, at, whole_number(request.args.get("after")) or 0
    )
    return render_template(
        "reports/statistics.html",
        at=at,
        filters=filters,
        counts=statistics.statistics(session, actor, filters, at),
        months=statistics.months(session, actor, filters, at),
        chart=bar_chart,
        bars=Bars,
        lines=lines,
        following=following,
        states=[("open", "在办"), ("overdue", "超期"), *((each.value, each.label) for each in Status)],
    )


def _filters() -> Filters:
    """What the address asks for; what is no such thing asks for nothing. Without a day: since this year began."""
    given = request.args
    states = {"open", "overdue", *(each.value for each in Status)}
    ends = records.report_settings().period_ends
    this_month = containing(BulletinKind.MONTHLY, office_day(now()), ends)
    return Filters(
        section=given.get("section", "")[:40],
        category=given.get("category", "")[:20],
        channel=given.get("channel", "") if given.get("channel") in {each.value for each in Channel} else "",
        school=given.get("school", "")[:80],
        state=given.get("state", "") if given.get("state") in states else "",
        since=_asked_day("since") or year_begins(this_month, ends),
        until=_asked_day("until"),
    )


def _asked_day(name: str) -> date | None:
    """A day of the address; None for what is none, or lies beyond what can be moved by a time zone."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def show_school(school_id: int) -> ResponseReturnValue:
    """One school with its cases, for an inspector; that it was opened is written down."""
    actor = require_actor()
    with transaction() as writing:
        page = school_page.school_page(writing, actor, school_id, now())
        audit.record(
            writing, "supervision.school_opened", actor=actor.username, object_ref=f"school/{school_id}"
        )
    return render_template("reports/school.html", page=page)


def show_case(number: str) -> ResponseReturnValue:
    """One case with its whole course, masked; that it was opened is written down."""
    actor = require_actor()
    with transaction() as writing:
        page = case_page.case(writing, actor, number, now())
        audit.record(
            writing, "supervision.case_opened", actor=actor.username, object_ref=f"ticket/{page.line.number}"
        )
    return render_template("reports/case.html", page=page, may_order=bool(supervision.kinds_open_to(actor)))
