"""The pages of bulletins and of supervision."""

from __future__ import annotations

from flask import Blueprint

from reports.views import auditing, bulletins, layouts, orders, situation, watching, work

bp = Blueprint("reports", __name__)
for part in (bulletins, situation, layouts, work, watching, orders, auditing):
    part.add_to(bp)
