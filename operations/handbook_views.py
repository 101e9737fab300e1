"""The handbook inside the system: the office network may have no other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from accounts.access import SIGNED_IN, allow
from accounts.current import current_actor
from operations import handbook

bp = Blueprint("handbook", __name__)


def init_app(app: Flask) -> None:
    """Adds the pages, and the link to them in the head of every page."""
    app.register_blueprint(bp)
    allow(app, SIGNED_IN, ["handbook.show", "handbook.picture"])
    app.context_processor(_link)


def _link() -> dict[str, Any]:
    return {"help_url": url_for("handbook.show")} if current_actor() is not None else {}


@bp.get("/help")
def show() -> ResponseReturnValue:
    source = handbook.text()
    return render_template(
        "operations/handbook.html",
        contents=handbook.contents(source),
        page=handbook.page(source, lambda name: url_for("handbook.picture", filename=name)),
    )


@bp.get("/help/pictures/<filename>")
def picture(filename: str) -> ResponseReturnValue:
    return send_from_directory(handbook.PICTURES, filename)
