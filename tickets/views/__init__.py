"""The pages of the desk."""

from __future__ import annotations

from flask import Blueprint

from tickets.views import away, calendar, detail, listing, orders, overdue, prints, registration, workbench

bp = Blueprint("tickets", __name__)
for _module in (workbench, away, calendar, registration, listing, detail, orders, prints, overdue):
    _module.add_to(bp)
