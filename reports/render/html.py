"""Bulletins as a page for the printer, whole in one file: it is kept, handed out and opened without the server."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.widgets import remembered
from reports.contents import Bulletin, Table
from reports.render import cells, words
from reports.render.charts import chart_of
from reports.render.paper import TITLE_ROOM

_ROOT = Path(__file__).resolve().parents[2]
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
TEMPLATE = "reports/bulletin.html"


def render_html(bulletin: Bulletin) -> str:
    """The bulletin as an HTML file that needs no other; the same bulletin gives the same text."""
    return _environment().get_template(TEMPLATE).render(**page_of(bulletin))


def page_of(bulletin: Bulletin) -> dict[str, Any]:
    """What the template needs, also when a page of the application shows a bulletin."""
    return {
        "bulletin": bulletin,
        "words": words,
        "on_paper": cells.on_paper,
        "looks": _looks,
        "title_lines": _title_lines,
        "chart_of": chart_of,
    }


def _title_lines(title: str) -> list[str]:
    return cells.title_lines(title, TITLE_ROOM)


def _looks(table: Table) -> list[str]:
    """The class of each column's cells."""
    return ["centred" if centred else "" for centred in cells.centred(table)]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset=_enclosed, remembered=remembered)
    return environment


@cache
def _enclosed(path: str, *, package: str = "") -> str:
    """A static file as an address that holds the file; what a framework brings along, no sheet of paper needs."""
    kind = _TYPES[Path(path).suffix]
    content = b"" if package else (_ROOT / "static" / path).read_bytes()
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
