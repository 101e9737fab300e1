"""The list of tickets, and the search that leads to it."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from accounts.current import require_actor
from accounts.vocabulary import Role
from core.clock import now
from core.db import db
from core.forms import whole_number
from core.text import clean_line
from tickets.forms.listing import FilterForm
from tickets.queries import listing
from tickets.queries.listing import View, Wanted
from tickets.queries.registers import category_choices, section_choices
from tickets.vocabulary import Status

_NUMBER = re.compile(r"[A-Za-z]{1,6}\d{8}-\d{4,}")
_QUERY_LENGTH = 100


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets", "index", index)
    bp.add_url_rule("/search", "search", search)


def index() -> ResponseReturnValue:
    """The tickets this person may see, as the address asks for them."""
    session, actor = db.session(), require_actor()
    wanted = _wanted()
    found = listing.page(session, actor, wanted, now())
    form = FilterForm(request.args)
    form.view.data = wanted.view.value
    form.section.choices = [SelectChoice("", "不限"), *section_choices()]
    form.category.choices = [SelectChoice("", "不限"), *category_choices(session)]
    return render_template(
        "tickets/index.html",
        page=found,
        form=form,
        wanted=wanted,
        filtered=bool(wanted.q or wanted.status or wanted.section or wanted.category or wanted.school),
        tabs_shown=[_tab(view, wanted) for view in View],
        older=_address(after=found.after) if found.after else None,
        newest=_address(after=None) if wanted.after else None,
        clear=url_for("tickets.index", view=wanted.view.value),
        may_bulk=actor.has(Role.HANDLER, Role.HEAD, Role.LEADER),
    )


def search() -> ResponseReturnValue:
    """To the ticket if a whole number was typed, else to everything that holds the words."""
    text = clean_line(request.args.get("q", ""), _QUERY_LENGTH)
    if _NUMBER.fullmatch(text):
        return redirect(url_for("tickets.show", number=text.upper()), code=303)
    return redirect(url_for("tickets.index", view=View.ALL.value, q=text), code=303)


def _wanted() -> Wanted:
    """What the address asks for; what cannot be understood restricts nothing."""
    status = next((each for each in Status if each.value == request.args.get("status")), None)
    asked = request.args.get("view")
    view = next((each for each in View if each.value == asked), View.ALL if status else View.OPEN)
    return Wanted(
        view=view,
        q=clean_line(request.args.get("q", ""), _QUERY_LENGTH),
        status=status,
        section=request.args.get("section", ""),
        category=request.args.get("category", ""),
        school=clean_line(request.args.get("school", ""), _QUERY_LENGTH),
        after=whole_number(request.args.get("after")),
    )


def _tab(view: View, wanted: Wanted) -> dict[str, Any]:
    return {"label": view.label, "url": _address(view=view.value, after=None), "active": view is wanted.view}


def _address(**changes: Any) -> str:
    """This list with something changed; what is empty stays out of the address."""
    names = ("view", "q", "status", "section", "category", "school", "after")
    values: dict[str, Any] = {name: request.args.get(name) for name in names}
    values.update(changes)
    return url_for("tickets.index", **{name: value for name, value in values.items() if value})
