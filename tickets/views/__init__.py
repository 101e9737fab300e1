"""The pages of the desk."""

from __future__ import annotations

from flask import Blueprint

from tickets.views import detail, listing, overdue, registration

bp = Blueprint("tickets", __name__)
for _module in (registration, listing, detail, overdue):
    _module.add_to(bp)
