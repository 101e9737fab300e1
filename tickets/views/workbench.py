"""The workbench: where the day of whoever works with tickets begins."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.vocabulary import Role
from core.clock import now
from core.db import db
from tickets.queries import workbench
from tickets.queries.workbench import SHOWN, Workbench
from tickets.reminders import alarms
from tickets.standing import tone_of
from tickets.vocabulary import Status


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/today", "home", show)


def show() -> ResponseReturnValue:
    """What to do now, what becomes due, what waits for whom."""
    actor = require_actor()
    found = workbench.workbench(db.session(), actor, now())
    return render_template(
        "tickets/home.html",
        found=found,
        shown=SHOWN,
        figures=_figures(found, actor),
        calendar_note=found.day_note,
        duty_words=alarms.unreached(),
        empty=_empty(actor),
        may_enter_year=actor.has(Role.HEAD, Role.ADMIN),
        tone_of=tone_of,
        may_bulk=actor.has(Role.HANDLER, Role.HEAD, Role.LEADER),
        today=now(),
    )


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A count that is a link to the list it has counted."""

    label: str
    count: int
    url: str
    late: bool = False


def _figures(found: Workbench, actor: Actor) -> list[Figure]:
    def of(status: Status) -> Figure:
        url = url_for("tickets.index", status=status.value)
        return Figure(label=status.label, count=found.counts.get(status, 0), url=url)

    figures = [of(Status.PENDING)]
    if actor.has(Role.HANDLER, Role.HEAD):
        figures.append(Figure(label="我承办的", count=found.mine, url=url_for("tickets.index", view="mine")))
    if actor.has(Role.HEAD, Role.LEADER):
        figures.append(of(Status.PENDING_REVIEW))
    return [
        *figures,
        of(Status.PENDING_CALLBACK),
        Figure(label="在办", count=found.open, url=url_for("tickets.index")),
        Figure(
            label="超期",
            count=found.overdue,
            url=url_for("tickets.index", view="overdue"),
            late=found.overdue > 0,
        ),
    ]


def _empty(actor: Actor) -> tuple[str, str]:
    """What stands there when nothing is to be done, in the words of the role."""
    if actor.has(Role.HANDLER, Role.HEAD):
        return "现在没有要您办的", "新来件、学校的反馈、要审核的件会出现在这里。"
    if actor.has(Role.LEADER):
        return "现在没有要您批的", "需要分管领导决定的件、超期的件会出现在这里。"
    return "现在没有要您回访的", "来电来访请点“登记来电”；答复后要回访的件会出现在这里。"
