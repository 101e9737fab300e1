"""The list of tickets, and the search that leads to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from accounts.current import require_actor
from accounts.vocabulary import Role
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError
from core.forms import whole_number
from core.text import clean_line
from tickets import saved_views
from tickets.forms.listing import FilterForm
from tickets.models import SavedView
from tickets.queries import listing
from tickets.queries.listing import Row, View, Wanted
from tickets.queries.registers import category_choices, section_choices
from tickets.search.marking import Piece, excerpt, pieces
from tickets.vocabulary import Status

_NUMBER = re.compile(r"[A-Za-z]{1,6}\d{8}-\d{4,}")
_QUERY_LENGTH = 100
_FILTERS = ("view", "q", "status", "section", "category", "school")


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/tickets", "index", index)
    bp.add_url_rule("/search", "search", search)
    bp.add_url_rule("/tickets/views", "view_save", view_save, methods=["POST"])
    bp.add_url_rule("/tickets/views/end", "view_remove", view_remove, methods=["POST"])


def index() -> ResponseReturnValue:
    """The tickets this person may see, as the address asks for them."""
    session, actor = db.session(), require_actor()
    wanted = _wanted()
    asked = urlencode(_filter(request.args))
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
        saved=[_saved(row, asked) for row in saved_views.of(session, actor.id or 0)],
        asked=asked,
        hits=_hits(session, found.rows, wanted.q),
        pieces=pieces,
    )


def view_save() -> ResponseReturnValue:
    """Keeps the filter of the list under a name."""
    actor = require_actor()
    # Only what a filter can hold is kept: the address is built anew from it.
    asked = urlencode(_filter(MultiDict(parse_qsl(request.form.get("query", "")[:2000]))))
    try:
        with transaction() as writing:
            row = saved_views.save(writing, actor.id or 0, name=request.form.get("name", ""), query=asked)
            words = f"已存为“{row.name}”，在列表上面点一下就是这些条件。"
    except DomainError as refusal:
        flash(str(refusal), "warning")
    else:
        flash(words, "success")
    return redirect(f"{url_for('tickets.index')}?{asked}", code=303)


def view_remove() -> ResponseReturnValue:
    with transaction() as writing:
        saved_views.remove(writing, require_actor().id or 0, whole_number(request.form.get("saved")) or 0)
    flash("常用筛选已去掉。", "success")
    return redirect(url_for("tickets.index"), code=303)


def _saved(row: SavedView, asked: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.name,
        "url": f"{url_for('tickets.index')}?{row.query}",
        "active": row.query == asked,
    }


def _filter(values: Mapping[str, str]) -> dict[str, str]:
    """What of an address is a filter, without the place where one was reading."""
    return {name: value for name in _FILTERS if (value := clean_line(values.get(name) or "", _QUERY_LENGTH))}


def _hits(session: Session, rows: Sequence[Row], query: str) -> dict[int, list[Piece]]:
    """Where the words stand in what a ticket says, if its title does not show it."""
    if not query.strip() or not rows:
        return {}
    hidden = [row for row in rows if not any(piece.hit for piece in pieces(row.title, query))]
    said = listing.matters(session, hidden) if hidden else {}
    return {ticket_id: excerpt(matter, query) for ticket_id, matter in said.items()}


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
    values: dict[str, Any] = {name: request.args.get(name) for name in (*_FILTERS, "after")}
    values.update(changes)
    return url_for("tickets.index", **{name: value for name, value in values.items() if value})
