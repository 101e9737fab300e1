"""What is overdue, on one screen: to be read aloud when somebody phones from above."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.current import require_actor
from core.clock import now
from core.db import db
from tickets.queries.overdue import GROUPS, overview


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/overdue", "overdue", show)


def show() -> ResponseReturnValue:
    """The five kinds apart, by section, days over with their unit, whom each waits for."""
    found = overview(db.session(), require_actor(), now())
    return render_template("tickets/overdue.html", found=found, groups=GROUPS)
