"""The pages of the desk."""

from __future__ import annotations

from flask import Blueprint

from tickets.views import (
    away,
    bulk,
    calendar,
    checks,
    detail,
    drafts,
    handing_over,
    letters,
    listing,
    lookup,
    orders,
    overdue,
    paper,
    policies,
    prints,
    progress,
    registration,
    related,
    schools,
    secrecy,
    workbench,
    write_off,
)

bp = Blueprint("tickets", __name__)
for _module in (
    workbench,
    away,
    handing_over,
    calendar,
    letters,
    lookup,
    schools,
    registration,
    drafts,
    policies,
    bulk,
    listing,
    detail,
    related,
    orders,
    paper,
    prints,
    secrecy,
    overdue,
    checks,
    progress,
    write_off,
):
    _module.add_to(bp)
